"""What users tell the others."""


class UserDeleted:
    pass
