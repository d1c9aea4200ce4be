//! What a server reports about itself, each kind in its own place: vLLM in `/v1/models`, llama-server
//! in `/props`, SGLang in `/get_server_info`.

use fathom_shared::engine::{CheckStatus, PreflightPlan};
use fathom_shared::transcript::FailureKind;
use serde_json::Value as Json;

use super::super::attempt::{ASIDE, DOCUMENT, fetch};
use super::super::error::RequestError;
use super::super::json::count;
use super::super::wait::RequestWatch;
use super::PreflightReport;

/// The documents, `null` where there is none.
pub(super) struct ServerFacts {
    models: Json,
    props: Json,
    info: Json,
}

/// Whether a server that did not list its models is there all the same: it is up, lets us in, and
/// sends us nowhere else.
fn is_there(fault: &RequestError) -> bool {
    match fault.status {
        Some(status) => matches!(status, 400 | 404..=406 | 410 | 415 | 422 | 501),
        None => fault.kind == FailureKind::Refused,
    }
}

impl ServerFacts {
    /// Asks for them. `None` where the server is not reached or does not let us in.
    pub(super) async fn ask(
        report: &mut PreflightReport<'_>,
        watch: &mut RequestWatch<'_>,
    ) -> Option<Self> {
        let server = report.server;
        let base = &server.endpoint.base_url;
        let url = base.join("models");
        let place = url.to_string();
        let models = match fetch(server, url, None, DOCUMENT, watch).await {
            Ok(models) => {
                report.add("reachable", CheckStatus::Ok, "an answer", place);
                models
            }
            // Some hosts list no models, or answer with a page; they are reached all the same.
            Err(fault) if is_there(&fault) => {
                let got = format!("a server that {}", fault.message);
                report.add("reachable", CheckStatus::Ok, got, place);
                Json::Null
            }
            Err(fault) => {
                report.failed("reachable", &fault, &format!("an answer of {place}"));
                return None;
            }
        };
        let mut told = Self {
            models,
            props: Json::Null,
            info: Json::Null,
        };
        for (path, place) in [
            ("props", &mut told.props),
            ("get_server_info", &mut told.info),
        ] {
            match fetch(server, base.beside(path), None, ASIDE, watch).await {
                Ok(document) => *place = document,
                // Who lets one wait does so again.
                Err(fault) if fault.kind == FailureKind::Timeout => break,
                // Who does not know the path has nothing to tell.
                Err(_) => {}
            }
        }
        Some(told)
    }

    fn listed(&self) -> impl Iterator<Item = (&str, &Json)> {
        let lists = ["data", "models"]
            .into_iter()
            .filter_map(|name| self.models.get(name));
        let list = lists.chain([&self.models]).find_map(Json::as_array);
        list.into_iter().flatten().filter_map(|model| {
            let id = ["id", "model", "name"]
                .into_iter()
                .find_map(|name| model.get(name));
            Some((id.unwrap_or(model).as_str()?, model))
        })
    }

    /// Whether the model is there.
    pub(super) fn model(&self, report: &mut PreflightReport<'_>) {
        let wanted = report.server.endpoint.model.as_str();
        let ids: Vec<&str> = self.listed().map(|(id, _)| id).collect();
        // Gemini's list has a folder before each.
        let is = |id: &&str| {
            id.strip_prefix("models/")
                .unwrap_or(id)
                .eq_ignore_ascii_case(wanted)
        };
        let (verdict, got) = if ids.contains(&wanted) || ids.iter().any(is) {
            (CheckStatus::Ok, format!("`{wanted}`"))
        } else if ids.is_empty() {
            (
                CheckStatus::Warning,
                "a server that lists no models".to_owned(),
            )
        } else {
            let more = if ids.len() > 5 { ", …" } else { "" };
            let named = ids[..ids.len().min(5)].join("`, `");
            (CheckStatus::Fault, format!("`{named}`{more}"))
        };
        report.add("model", verdict, got, format!("`{wanted}`"));
    }

    /// How many tokens the server reads, by the smallest number that it names.
    fn cap(&self) -> Option<(u64, &'static str)> {
        let model = self.listed();
        let models: Vec<&Json> = model.map(|(_, model)| model).collect();
        let number = |document: &Json, path: &str| count(document.pointer(path)?);
        let listed = ["/max_model_len", "/context_length", "/context_window"];
        let of_model = |path: &'static str| {
            // One of several models may be another's adapter: only one alone is sure to be meant.
            let [model] = models.as_slice() else {
                return None;
            };
            Some((number(model, path)?, path))
        };
        let elsewhere = [
            (&self.props, "/default_generation_settings/n_ctx"),
            (&self.info, "/context_length"),
        ];
        let elsewhere = elsewhere
            .into_iter()
            .filter_map(|(document, path)| Some((number(document, path)?, path)));
        let all = listed.into_iter().filter_map(of_model).chain(elsewhere);
        all.filter(|(cap, _)| *cap > 0).min()
    }

    /// Whether the context is what the configuration says, and enough.
    pub(super) fn context(
        &self,
        report: &mut PreflightReport<'_>,
        plan: &PreflightPlan,
    ) -> Option<u64> {
        let configured = u64::from(report.server.endpoint.context.get());
        let needed = u64::from(plan.longest);
        let cap = self.cap();
        let (verdict, got) = match cap {
            Some((cap, place)) => {
                let place = place.trim_start_matches('/').replace('/', ".");
                let enough = cap >= configured && configured >= needed;
                let verdict = if enough {
                    CheckStatus::Ok
                } else {
                    CheckStatus::Fault
                };
                (verdict, format!("{cap} tokens ({place})"))
            }
            None if configured < needed => (
                CheckStatus::Fault,
                format!("{configured} tokens (configuration)"),
            ),
            None => (
                CheckStatus::Warning,
                "a server that does not tell it".to_owned(),
            ),
        };
        let expected = match needed {
            0 => format!("at least {configured} tokens, as configured"),
            _ => format!(
                "at least {configured} tokens, as configured, and {needed} for the longest prompt"
            ),
        };
        report.add("context", verdict, got, expected);
        cap.map(|(cap, _)| cap)
    }

    /// Whether the server was started with the positions of the configuration. SGLang repeats what
    /// it was given; of the others only answers tell.
    pub(super) fn positions(&self, report: &mut PreflightReport<'_>) {
        let Some(rope) = &report.server.endpoint.rope else {
            report.add(
                "positions",
                CheckStatus::Ok,
                "none configured",
                "the model's own",
            );
            return;
        };
        let expected = serde_json::to_string(rope).unwrap_or_default();
        let given = self.info.get("json_model_override_args");
        let given = given.and_then(Json::as_str).unwrap_or("");
        let Ok(given) = serde_json::from_str::<Json>(given) else {
            let got = "a server that does not tell them: `fathom endpoint check --canary` shows what short prompts lose";
            report.add("positions", CheckStatus::Warning, got, expected);
            return;
        };
        let said = given.get("rope_parameters").or(given.get("rope_scaling"));
        let find = |key: &str| said?.get(key).or_else(|| given.get(key));
        let differs = rope.0.iter().any(|(key, want)| {
            let got = find(key);
            let number = |value: &Json| value.as_f64();
            match (got.and_then(number), number(want)) {
                (Some(got), Some(want)) => got != want,
                _ => got != Some(want),
            }
        });
        let verdict = if differs {
            CheckStatus::Fault
        } else {
            CheckStatus::Ok
        };
        report.add("positions", verdict, given.to_string(), expected);
    }
}
