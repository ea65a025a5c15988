"""Import, export, transit and industrial use: from application to arrival."""
