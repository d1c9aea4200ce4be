//! An endpoint that answers each sample when told to.

use std::path::{Path, PathBuf};

use crate::endpoint::{Endpoint, Holds};
use crate::server::MODEL;

/// The name of the endpoint and of its model.
pub(crate) const TOLD: &str = "told";

/// The endpoint, and a configuration in `folder` that names it.
pub(crate) async fn told(folder: &Path) -> (Endpoint, PathBuf) {
    // Longer prompts, in bytes, would have more than 4,096 tokens.
    let endpoint = Endpoint::start(TOLD, 12_000, Holds::EachSample).await;
    let more = "max_in_flight = 1\nprice = { input = 1.0, output = 1.0, currency = \"EUR\" }";
    let config = endpoint.write_config(folder, MODEL, more);
    (endpoint, config)
}
