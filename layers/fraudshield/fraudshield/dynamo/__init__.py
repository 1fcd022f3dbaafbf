"""DynamoDB: calls that end in time, conditional writes, pages, documents and streams."""
