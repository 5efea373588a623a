"""What a version says: its flow, its document, its words and exports."""
