//! The same request again, where that may help: after 429, 5xx and network faults, with pauses
//! that grow and are never the same for two clients.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use fathom_shared::transcript::Timings;

use super::attempt;
use super::client::EndpointClient;
use super::error::{RequestError, RetryAdvice};
use super::request::ChatRequest;
use super::wait::RequestWatch;
use super::whole_answer::WholeAnswer;

const LONGEST: Duration = Duration::from_secs(60);

/// As [`attempt::ask`], and again while there is hope. What an attempt wrote before it broke off
/// is thrown away.
pub(super) async fn ask(
    server: &EndpointClient,
    call: &ChatRequest,
    watch: &mut RequestWatch<'_>,
) -> Result<(WholeAnswer, Timings), RequestError> {
    let endpoint = &server.endpoint;
    let first = endpoint.backoff_s.duration();
    let mut pauses = ExponentialBuilder::new()
        .with_min_delay(first)
        .with_max_delay(LONGEST.max(first))
        .with_max_times(endpoint.retries as usize)
        .with_jitter()
        .build();
    let mut attempts = 1;
    loop {
        let mut fault = match attempt::ask(server, call, watch).await {
            Ok(answer) => return Ok(answer),
            Err(fault) => fault,
        };
        let pause = match fault.again {
            RetryAdvice::Never => None,
            RetryAdvice::Soon => pauses.next(),
            // Two clients that were told the same come at different times.
            RetryAdvice::After(wait) => pauses.next().map(|pause| wait + pause.min(wait / 4)),
        };
        let Some(pause) = pause else {
            if attempts > 1 {
                fault.message = format!("{} ({attempts} attempts)", fault.message);
            }
            return Err(fault);
        };
        let id = endpoint.id.as_str();
        let pause_ms = pause.as_millis() as u64;
        let said = server.scrub(&fault.message);
        tracing::warn!(endpoint = id, attempts, pause_ms, "sent again: it {said}");
        watch
            .pause(pause)
            .await
            .map_err(|_| RequestError::cancelled())?;
        attempts += 1;
    }
}
