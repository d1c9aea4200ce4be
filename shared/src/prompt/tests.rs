use super::*;
use crate::task::Profile;
use crate::thinking::AnswerStart;
use crate::tokens::Tokens;

/// As QwQ, R1-Distill, Qwen 3.5 and GLM have it.
const OPENS: &str = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{% endif %}";

fn rendered(answer_prefix: &str) -> Prompt {
    let sample = Sample {
        number: 0,
        profile: Profile::Upstream,
        sources: Vec::new(),
        index: 0,
        input: "hay".to_owned(),
        references: Vec::new(),
        answer_prefix: answer_prefix.to_owned(),
        options: Vec::new(),
        length: Tokens(3),
        length_w_model_temp: Tokens(3),
        token_position_answer: None,
        tokens_to_generate: Tokens(1),
        input_tokens: Tokens(3),
        evidence: Vec::new(),
        cut: None,
    };
    let template = ChatTemplate::new(OPENS, "", "").unwrap();
    Prompt::render(
        &sample,
        PromptMode::Chat,
        &DialogueRenderer::Template(template),
    )
    .unwrap()
}

#[test]
fn thinking_that_the_template_opens_is_closed_before_an_answer_that_is_begun() {
    let prompt = rendered(" The number is");
    let end = "<|im_start|>assistant\n<think>\n\n</think>\n\nThe number is";
    assert!(prompt.text.ends_with(end), "{}", prompt.text);
    assert_eq!(&prompt.text[prompt.prefix.clone()], "The number is");
    assert_eq!(prompt.opened(), AnswerStart::Closed);
    // Where nothing is begun the model thinks first.
    let prompt = rendered("");
    assert!(prompt.text.ends_with("<think>\n"), "{}", prompt.text);
    assert!(matches!(prompt.opened(), AnswerStart::Within(_)));
}
