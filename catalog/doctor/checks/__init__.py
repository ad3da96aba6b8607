"""One module for each subject that is examined; the table of all checks is ``catalog.doctor.table``."""
