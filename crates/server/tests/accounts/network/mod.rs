//! How the server is reached: TLS and its certificates, connections, who stands in front. The same on every database.

mod acme;
mod balancer;
mod connections;
mod curl;
mod pebble;
mod redirect;
mod tls;
mod tls_scan;
mod tls_scanner;
