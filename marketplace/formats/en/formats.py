"""As the console's own columns are written. A word joiner after each hyphen keeps a day on one line: rows are compared."""

DATE_FORMAT = "Y-\u2060m-\u2060d"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = f"{DATE_FORMAT} {TIME_FORMAT}"
