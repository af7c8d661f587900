"""What an auditor says of a period: every figure with the list it comes from, as page, PDF and workbook."""
