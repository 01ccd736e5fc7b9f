"""A form as a spreadsheet: its tables and columns, how they are written, how cells become answers."""
