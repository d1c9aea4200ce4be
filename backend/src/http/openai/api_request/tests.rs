use serde_json::json;

use super::*;

#[test]
fn prompts_in_four_forms() {
    let read = |prompt| PromptInput::of_completion(prompt).map_err(|error| error.to_string());
    let text = |text: &str| text.to_owned();
    assert_eq!(read(json!("a")), Ok(PromptInput::Texts(vec![text("a")])));
    assert_eq!(
        read(json!(["a", "b"])),
        Ok(PromptInput::Texts(vec![text("a"), text("b")]))
    );
    assert_eq!(read(json!([1, 2])), Ok(PromptInput::Ids(vec![vec![1, 2]])));
    assert_eq!(
        read(json!([[1], [2, 3]])),
        Ok(PromptInput::Ids(vec![vec![1], vec![2, 3]]))
    );
    for wrong in [
        json!(null),
        json!(""),
        json!([]),
        json!([[]]),
        json!(["a", 1]),
        json!([1, "a"]),
        json!([[1], 2]),
        json!([-1]),
        json!([1.5]),
        json!([4_294_967_296_u64]),
        json!({"text": "a"}),
    ] {
        let error = read(wrong.clone()).expect_err(&wrong.to_string());
        assert!(error.starts_with("`prompt`: expected a text"), "{error}");
    }
}
