"""What has to be done before an event, by whom and by when."""
