//! Mail in and out, as the server sends and receives it.
//!
//! * a client brings mail → [`receive`]
//!
//! Not here: HTTP, SQL, files, OpenPGP.
#![forbid(unsafe_code)]

pub mod receive;
