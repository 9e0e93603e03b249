"""Which names and values are secret: shared by every rule about secrets."""
