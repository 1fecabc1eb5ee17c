//! OpenPGP for webmail.
