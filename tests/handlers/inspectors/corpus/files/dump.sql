-- dump
CREATE TABLE a (b int);
