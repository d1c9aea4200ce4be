//! Where the page's work is done. Pure.

use fathom_shared::api::EngineView;
use fathom_shared::engine::EngineKind;

/// Samples are built in the page, and a model that it loaded is asked there; only runs go further.
pub(super) fn where_things_run(up: bool, engines: Option<&[EngineView]>) -> String {
    if !up {
        return "Everything here runs in this browser.".to_owned();
    }
    let Some(engines) = engines else {
        return "Samples you build stay in this browser.".to_owned();
    };
    let endpoints = engines.iter().filter_map(|view| match &view.engine {
        EngineKind::Openai { endpoint } => Some(endpoint.as_str()),
        _ => None,
    });
    let further = match endpoints.collect::<Vec<_>>()[..] {
        [] => String::new(),
        [one] => format!(", or by the endpoint {one} if a run uses it"),
        ref all => format!(
            ", or by one of the endpoints {} if a run uses it",
            all.join(", ")
        ),
    };
    format!("Samples you build stay in this browser; runs are answered on the server{further}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_that_prompts_stay_where_they_do_not() {
        let view = |engine| EngineView {
            engine,
            models: Vec::new(),
            context: None,
        };
        let endpoint = |id: &str| EngineKind::Openai {
            endpoint: id.to_owned(),
        };
        let unknown = where_things_run(true, None);
        assert!(!unknown.contains("server"), "{unknown}");
        let mut engines = vec![view(EngineKind::CandleCpu)];
        let alone = where_things_run(false, Some(&engines));
        assert_eq!(alone, "Everything here runs in this browser.");
        let local = where_things_run(true, Some(&engines));
        assert!(
            local.ends_with("runs are answered on the server."),
            "{local}"
        );
        engines.push(view(endpoint("vllm")));
        let one = where_things_run(true, Some(&engines));
        assert!(
            one.ends_with("or by the endpoint vllm if a run uses it."),
            "{one}"
        );
        engines.push(view(endpoint("hosted")));
        let two = where_things_run(true, Some(&engines));
        assert!(
            two.contains("one of the endpoints vllm, hosted if"),
            "{two}"
        );
    }
}
