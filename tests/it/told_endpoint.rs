//! An endpoint that answers each sample when it is told to.

use std::path::{Path, PathBuf};

use crate::endpoint::{Endpoint, Holds};
use crate::server::MODEL;

/// Its name, and that of its model.
pub(crate) const TOLD: &str = "told";

/// The endpoint, and the configuration that names it, in `folder`.
pub(crate) async fn told(folder: &Path) -> (Endpoint, PathBuf) {
    // Prompts of that many bytes are longer than 4,096 tokens of the model's.
    let endpoint = Endpoint::start(TOLD, 12_000, Holds::EachSample).await;
    let more = "max_in_flight = 1\nprice = { input = 1.0, output = 1.0, currency = \"EUR\" }";
    let config = endpoint.write_config(folder, MODEL, more);
    (endpoint, config)
}
