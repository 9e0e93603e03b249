print("seeding: scripts may print")
