//! The answer limit.

use super::*;

/// `--tokens_to_generate` of every script: the prompt is shorter by the tokens reserved for the
/// answer.
#[test]
fn the_room_for_the_answer_is_an_option_by_the_originals_name() {
    let counter = words();
    let corpora = Corpora::bundled();
    let generator_context = GeneratorContext {
        counter: &counter,
        corpora: &corpora,
    };
    for task in RULER {
        let of = |room: &str, profile| {
            let set = [("tokens_to_generate".to_owned(), room.to_owned())];
            let spec = TaskSpec {
                set: set.into(),
                profile,
                ..TaskSpec::new(task, Tokens(4096), 42)
            };
            spec.validate().map(|()| spec)
        };
        for profile in Profile::ALL {
            let spec = of("700", profile).unwrap();
            let sample = spec.sample(0, generator_context).unwrap();
            assert_eq!(sample.tokens_to_generate, Tokens(700), "{task}");
            assert_eq!(spec.tokens_to_generate(), Ok(Tokens(700)), "{task}");
            assert!(sample.length <= Tokens(4096), "{task}");
        }
        let none = of("0", Profile::Upstream).unwrap_err().to_string();
        assert!(
            none.contains("`tokens_to_generate` is `0`, expected 1 to 4096"),
            "{none}"
        );
        assert!(
            of("4096", Profile::Upstream).is_err(),
            "nothing is left for the prompt"
        );
    }
}
