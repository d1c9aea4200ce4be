use super::*;
use crate::errors::chain;

const WHOLE: &str = r#"
[[endpoint]]
id = "vllm"
base_url = "http://localhost:8000/v1/"
model = "Qwen/Qwen3-8B"
api = "chat"
tokenizer = "qwen3/tokenizer.json"
context = 131072
max_in_flight = 16
key_file = "key"
timeouts = { first_token_s = 2.5 }
price = { input = 2.0, output = 8.0, currency = "USD" }

[endpoint.rope]
rope_type = "yarn"
rope_theta = 1000000
factor = 4.0

[endpoint.body]
chat_template_kwargs = { enable_thinking = false }

[[endpoint]]
id = "hosted"
base_url = "https://example.com/v1"
model = "large"
tokenizer = "o200k_base"
context = 8192
key_env = "HOSTED_KEY"
"#;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("/etc/fathom.toml"))
}

fn with(line: &str) -> String {
    format!(
        "[[endpoint]]\nid = \"a\"\nmodel = \"m\"\ntokenizer = \"t\"\ncontext = 1\n{line}\n{}",
        match line.contains("base_url") {
            true => "",
            false => "base_url = \"http://localhost/v1\"\n",
        }
    )
}

#[test]
fn a_whole_file_is_read() {
    let config = parse(WHOLE).unwrap();
    let ids: Vec<_> = config.endpoints().iter().map(|e| e.id.as_str()).collect();
    assert_eq!(ids, ["vllm", "hosted"]);
    let vllm = config.endpoint("vllm").unwrap();
    assert_eq!(vllm.tokenizer, "/etc/qwen3/tokenizer.json");
    assert_eq!(
        vllm.base_url.join("models").as_str(),
        "http://localhost:8000/v1/models"
    );
    assert_eq!(
        vllm.base_url.beside("tokenize").as_str(),
        "http://localhost:8000/tokenize"
    );
    assert_eq!(vllm.timeouts.first_token_s.duration().as_millis(), 2500);
    assert_eq!(vllm.timeouts.whole_s, Timeouts::default().whole_s);
    assert_eq!(vllm.rope.as_ref().unwrap().0["factor"], 4.0);
    assert_eq!(vllm.body["chat_template_kwargs"]["enable_thinking"], false);
    let price = vllm.price.as_ref().unwrap();
    assert_eq!(price.of(1_000_000, 500_000), 6.0);
    let hosted = config.endpoint("hosted").unwrap();
    assert_eq!(hosted.tokenizer, "o200k_base");
    assert_eq!(hosted.api, EndpointApi::Completions);
    assert_eq!(hosted.max_in_flight.get(), 8);
    assert!(config.endpoint("other").is_none());
}

#[test]
fn faults_name_line_and_field() {
    let cases = [
        (
            "contxt = 5",
            "line 6, endpoint[0].contxt: unknown field `contxt`",
        ),
        (
            "base_url = \"ftp://localhost\"",
            "line 6, endpoint[0].base_url: got an address of ftp, expected http or https",
        ),
        (
            "timeouts = { whole_s = 0 }",
            "line 6, endpoint[0].timeouts.whole_s: got 0, expected seconds",
        ),
        ("max_in_flight = 0", "line 6, endpoint[0].max_in_flight: "),
        (
            "api = \"caht\"",
            "line 6, endpoint[0].api: unknown variant `caht`",
        ),
        ("stream = ", "line 6"),
        (
            "key_env = \"A\"\nkey_file = \"b\"",
            "endpoint `a`: got both key_env and key_file",
        ),
        (
            "body = { model = \"x\" }",
            "endpoint `a`: body sets `model`",
        ),
        (
            "rope = { rope_type = \"yarn\", factor = 2 }",
            "endpoint `a`: got a rope without rope_theta",
        ),
    ];
    for (line, want) in cases {
        let got = parse(&with(line)).unwrap_err().to_string();
        assert!(got.contains(want), "{line}: {got}");
    }
    let twice = format!("{}{}", with(""), with(""));
    let got = parse(&twice).unwrap_err().to_string();
    assert!(
        got.ends_with("endpoint `a`: the id is given twice"),
        "{got}"
    );
}

#[test]
fn a_key_in_the_wrong_place_is_not_repeated() {
    let cases = [
        "key_env = \"sk-secret-1\"",
        "key = \"sk-secret-1\"",
        "key_env = \"sk-secret-1",
        "base_url = \"http://user:sk-secret-1@localhost/v1\"",
        "base_url = \"http://localhost/v1?key=sk-secret-1\"",
    ];
    for line in cases {
        let error = parse(&with(line)).unwrap_err();
        let got = format!("{error} {error:?}");
        assert!(!got.contains("sk-secret"), "{line}: {got}");
    }
}

#[test]
fn an_absent_file_is_an_error_only_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let default = folder.path().join(FILE);
    assert!(Config::load(None, &default).unwrap().endpoints().is_empty());
    let absent = folder.path().join("absent.toml");
    let error = Config::load(Some(&absent), &default).unwrap_err();
    assert!(chain(&error).contains("absent.toml"), "{error}");
    std::fs::create_dir(folder.path().join("fathom")).unwrap();
    std::fs::write(&default, WHOLE).unwrap();
    assert_eq!(Config::load(None, &default).unwrap().endpoints().len(), 2);
}

#[test]
fn keys_come_from_the_environment_or_a_closed_file() {
    let config = parse(WHOLE).unwrap();
    let hosted = config.endpoint("hosted").unwrap();
    let unset = hosted.key(|_| None).unwrap_err();
    assert!(
        unset.to_string().contains("`HOSTED_KEY` is not set"),
        "{unset}"
    );
    let set = |name: &str| (name == "HOSTED_KEY").then(|| "sk-secret-1\n".to_owned());
    let key = hosted.key(set).unwrap().unwrap();
    assert_eq!(key.bearer(), "Bearer sk-secret-1");
    assert_eq!(format!("{key:?}"), "[key]");
    assert_eq!(key.scrub("no sk-secret-1 here"), "no [key] here");
    let bad = hosted.key(|_| Some("sk secret".to_owned())).unwrap_err();
    assert!(!bad.to_string().contains("secret"), "{bad}");
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_read_is_refused() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, "sk-secret-1\n").unwrap();
    set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let open = ApiKey::from_file(&path).unwrap_err().to_string();
    assert!(open.contains("has mode 644, expected 600"), "{open}");
    set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    assert_eq!(
        ApiKey::from_file(&path).unwrap().bearer(),
        "Bearer sk-secret-1"
    );
}

#[test]
fn who_may_embed_is_self_or_an_origin() {
    let page = |list: &str| parse(&format!("[page]\nframe_ancestors = [{list}]"));
    let config = page(r#""self", "https://*.school.example", "http://localhost:8000""#).unwrap();
    let all: Vec<_> = config
        .frame_ancestors()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        all,
        [
            "'self'",
            "https://*.school.example",
            "http://localhost:8000"
        ]
    );
    assert!(parse("").unwrap().frame_ancestors().is_empty());
    for wrong in [
        "*",
        "school.example",
        "https://",
        "https://a.example/path",
        "https://a.example; script-src *",
        "https://a.example b.example",
        "https://a.example:port",
        "'self'",
    ] {
        let error = chain(&page(&format!("{wrong:?}")).unwrap_err());
        assert!(
            error.contains("line 2") && error.contains("expected `self` or an origin"),
            "{error}"
        );
    }
}
