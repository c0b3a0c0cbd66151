"""`reconcile`: the bucket against the catalogue. What differs has had no event, and can be told after all."""
