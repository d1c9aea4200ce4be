//! Log probabilities of tokens: `/completions` has a map for each position, a chat has a list.

use serde_json::Value as Json;

/// The likeliest tokens at the first position. A token without a number is left out, because it was
/// not the likeliest.
pub(super) fn first(told: &Json) -> Vec<(String, f64)> {
    let place = |name: &str| {
        let places = told.get(name).and_then(Json::as_array);
        places.into_iter().flatten().find(|place| !place.is_null())
    };
    let mut likely = Vec::new();
    match place("top_logprobs") {
        Some(Json::Object(map)) => likely.extend(
            map.iter()
                .filter_map(|(token, told)| Some((token.clone(), number(told)?))),
        ),
        Some(list) => likely.extend(listed(list)),
        None => {}
    }
    if let Some(place) = place("content") {
        likely.extend(place.get("top_logprobs").into_iter().flat_map(listed));
        if likely.is_empty() {
            likely.extend(one(place));
        }
    }
    likely
}

fn listed(list: &Json) -> impl Iterator<Item = (String, f64)> {
    list.as_array().into_iter().flatten().filter_map(one)
}

fn one(told: &Json) -> Option<(String, f64)> {
    let token = told.get("token")?.as_str()?;
    let token = match token.is_empty() || token.contains(char::REPLACEMENT_CHARACTER) {
        true => spelt(told).unwrap_or_else(|| token.to_owned()),
        false => token.to_owned(),
    };
    Some((token, number(told)?))
}

/// A token spelt by its bytes, if the server gives nothing else.
fn spelt(told: &Json) -> Option<String> {
    let bytes = told.get("bytes")?.as_array()?.iter();
    let bytes = bytes.map(|byte| u8::try_from(byte.as_u64()?).ok());
    String::from_utf8(bytes.collect::<Option<_>>()?).ok()
}

/// What vLLM writes instead of a token's text under `return_tokens_as_token_ids`.
const BY_NUMBER: &str = "token_id:";

/// Whether tokens are given as numbers, which do not reveal their letters.
pub(super) fn by_number(likely: &[(String, f64)]) -> bool {
    likely.iter().any(|(token, _)| token.starts_with(BY_NUMBER))
}

/// A token's letters: without white space, or the marks by which vocabularies spell it.
pub(super) fn letters(token: &str) -> &str {
    token.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, 'Ġ' | '▁' | 'Ċ'))
}

/// What servers write for a token that they could not rate (-9999, the least f32): a floor, and no
/// log-probability. Those of any vocabulary stay far above.
const FLOOR: f64 = -900.0;

/// A log-probability, alone or in an object of its own.
fn number(told: &Json) -> Option<f64> {
    let number = match told {
        Json::Object(fields) => return fields.get("logprob").and_then(number),
        Json::String(text) => text.trim().parse().ok()?,
        number => number.as_f64()?,
    };
    // A probability is 1 at most, but for rounding.
    (FLOOR..1e-3).contains(&number).then_some(number.min(0.0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_form() {
        let want = [("A".to_owned(), -3.0), ("B".to_owned(), -0.5)];
        let chat =
            |told| json!({ "content": [{ "token": "B", "logprob": -0.5, "top_logprobs": told }] });
        let cases = [
            json!({ "top_logprobs": [{ "A": -3.0, "B": -0.5, "C": null }] }),
            json!({ "top_logprobs": [null, { "A": { "logprob": -3 }, "B": { "logprob": -0.5 } }] }),
            json!({ "top_logprobs": [[{ "token": "A", "logprob": "-3" }, { "token": "B", "logprob": -0.5 }]] }),
            chat(
                json!([{ "token": "A", "logprob": -3.0 }, { "token": "B", "logprob": -0.5 }, { "token": "C", "logprob": null }, { "token": null, "logprob": -0.1 }, {}]),
            ),
        ];
        for told in cases {
            assert_eq!(first(&told), want, "{told}");
        }
        assert_eq!(first(&chat(json!(null))), want[1..]);
        // B was written, and nothing is known of how likely anything was.
        let unrated = json!({ "content": [{ "token": "B", "logprob": null, "top_logprobs": [
            { "token": "A", "logprob": null }, { "token": "C", "logprob": "NaN" },
            { "token": "D", "logprob": -9999 }, { "token": "E", "logprob": -1e38 },
            { "token": "F", "logprob": "-inf" }, { "token": "G", "logprob": 5.0 },
        ] }] });
        assert_eq!(first(&unrated), []);
        let bytes = chat(json!([
            { "token": "", "bytes": [66], "logprob": -0.5 },
            { "token": "token_id:33", "logprob": -1 },
        ]));
        let told = first(&bytes);
        assert_eq!(told[0], ("B".to_owned(), -0.5));
        assert!(by_number(&told) && !by_number(&want));
        assert_eq!(["ĠB", "▁B", " B", "B)"].map(letters), ["B", "B", "B", "B)"]);
        for nothing in [
            json!(null),
            json!({}),
            json!({ "content": [] }),
            json!({ "content": null, "top_logprobs": null }),
        ] {
            assert_eq!(first(&nothing), [], "{nothing}");
        }
    }
}
