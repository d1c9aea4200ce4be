//! HTTP clients with TLS by ring, the one implementation of cryptography that the database uses too.

use std::sync::Once;

use reqwest::{Client, ClientBuilder};

/// A builder of a client that names this program and its version to servers.
///
/// reqwest takes TLS from whatever the process has installed; the first call installs it.
pub fn builder() -> ClientBuilder {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        if rustls::crypto::ring::default_provider()
            .install_default()
            .is_err()
        {
            tracing::debug!("this process has a provider of TLS already");
        }
    });
    Client::builder().user_agent(concat!("fathom/", env!("CARGO_PKG_VERSION")))
}

#[cfg(test)]
mod tests {
    #[test]
    fn clients_can_be_built_again_and_again() {
        for _ in 0..2 {
            super::builder().build().unwrap();
        }
    }
}
