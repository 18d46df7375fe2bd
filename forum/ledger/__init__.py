"""What happened: the audit log and the news that editions are made of."""
