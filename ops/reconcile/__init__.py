"""`reconcile`: compares the bucket with the catalogue, and sends the missing notifications."""
