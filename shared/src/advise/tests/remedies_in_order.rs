//! Which remedy comes first: a position fix, passages, thinking, or what was never measured.

use crate::advise::{Advice, Evidence, Thresholds, Verdict, advise};

/// RULER's categories at 4K that are good, and at 128K with these needles, chains and counts.
fn ruler(multi_needle: u32, chains: u32, counts: u32) -> String {
    let at = |length: &str, [needles, chains, counts]: [u32; 3]| {
        format!(
            "[[ruler]]\nlength=\"{length}\"\nsingle_needle={{value=100,n=300}}\nmulti_needle={{value={needles},n=500}}\nmulti_hop={{value={chains},n=100}}\naggregation={{value={counts},n=200}}\nquestion_answering={{value=80,n=200}}\n"
        )
    };
    let short = at("4K", [98, 96, 94]);
    format!("{short}{}", at("128K", [multi_needle, chains, counts]))
}

fn told(head: &str, ruler: &str, answers: &str) -> Advice {
    let text = format!(
        "target_window=\"128K\"\ntrained_window=\"128K\"\n{head}\n{ruler}\n[[longbench]]\n{answers}\n"
    );
    let evidence: Evidence = toml::from_str(&text).unwrap();
    advise(&evidence, &Thresholds::default())
}

const QWEN: &str = r#"
workload="multi_document_synthesis"
target_window="128K"
claimed_window="128K"
trained_window="32K"
model="Qwen2 72B"
budget_gpu_hours=20000
corpus="general"
[[ruler]]
length="4K"
mean={value=96,n=1300}
[[ruler]]
length="8K"
mean={value=95,n=1300}
[[ruler]]
length="16K"
mean={value=95,n=1300}
[[ruler]]
length="32K"
mean={value=94,n=1300}
[[ruler]]
length="64K"
mean={value=79.8,n=1300}
[[ruler]]
length="128K"
mean={value=53.7,n=1300}
"#;

/// A published model is known by its name also where its figures are typed in.
#[test]
fn a_published_gain_of_this_model_comes_first() {
    for name in ["Qwen2 72B", "Qwen2-72B-Instruct"] {
        let evidence: Evidence = toml::from_str(&QWEN.replace("Qwen2 72B", name)).unwrap();
        let advice = advise(&evidence, &Thresholds::default());
        let said = advice.text();
        assert!(
            advice.sentence.contains("try a position fix first, as STRING raised RULER mean of Qwen2-72B at 128K from 53.7 to 84.6 without training (arXiv 2410.18745); if RULER is still low at the target with it, extend the window"),
            "{said}"
        );
        assert!(
            advice
                .next
                .what
                .starts_with("Run RULER at the target with a position fix"),
            "{said}"
        );
        assert!(advice.next.why.contains("53.7 to 84.6"), "{said}");
        assert!(
            advice
                .plan
                .iter()
                .any(|line| line.starts_with("Try a position fix without training first: STRING")),
            "{said}"
        );
    }
    // Another model: nothing was published for it.
    let evidence: Evidence = toml::from_str(&QWEN.replace("Qwen2 72B", "Other 72B")).unwrap();
    let advice = advise(&evidence, &Thresholds::default());
    assert!(matches!(advice.action, Verdict::Extend { .. }));
    assert!(
        !advice.text().contains("STRING raised"),
        "{}",
        advice.text()
    );
}

/// Where more samples settle nothing, what was not measured may: no price decides then.
#[test]
fn what_was_not_measured_comes_before_the_price() {
    let head = "workload=\"multi_document_synthesis\"\ntolerance=\"some_misses\"\ncorpus=\"general\"\nbudget_gpu_hours=60000\nmodel=\"8B\"";
    let advice = told(head, &ruler(98, 65, 94), "direct=44\ncot=36\nrag=45");
    let said = advice.text();
    assert_eq!(advice.action, Verdict::Undecided, "{said}");
    assert!(!said.contains("Decide by cost"), "{said}");
    assert!(
        advice.sentence.contains("try a position fix first"),
        "{said}"
    );
    assert!(
        advice
            .next
            .what
            .starts_with("Run RULER at the target with a position fix"),
        "{said}"
    );
    assert!(!advice.options.is_empty(), "{said}");
    // A model whose weights cannot be changed has no fix: its own questions may decide.
    let fixed = format!("{head}\nweights=\"fixed\"");
    let said = told(&fixed, &ruler(98, 65, 94), "direct=44\ncot=36\nrag=45").text();
    assert!(!said.contains("try a position fix"), "{said}");
}

/// Passages that are known to help come before a fix that will not be enough.
#[test]
fn passages_that_help_come_before_a_fix_that_is_not_enough() {
    let head = "workload=\"multi_document_synthesis\"\ntolerance=\"some_misses\"\ncorpus=\"none\"\nbudget_gpu_hours=0\nmodel=\"8B\"";
    let low = ruler(75, 60, 50);
    let answers = "direct=32\ncot=33\nrag=43\nno_context=26";
    let advice = told(head, &low, answers);
    let said = advice.text();
    assert_eq!(advice.action, Verdict::Retrieve, "{said}");
    assert!(
        advice
            .sentence
            .contains("a position fix is worth a trial beside it"),
        "{said}"
    );
    assert!(advice.certainty.measured > 0.8, "{said}");
    // Passages that help within sampling error leave the fix first; its price is above the budget.
    let advice = told(head, &low, &answers.replace("rag=43", "rag=33"));
    let said = advice.text();
    assert_eq!(advice.action, Verdict::FixPositions, "{said}");
    assert!(
        advice
            .next
            .why
            .contains("which is above your budget of 0 GPU-hours"),
        "{said}"
    );
    assert!(!said.contains("of your 0 GPU-hours"), "{said}");
}

/// Where no error is acceptable, the budget alone does not decide whether a fix comes first.
#[test]
fn no_budget_puts_thinking_before_a_fix_where_no_error_is_accepted() {
    let answers = "direct=48\ncot=61\nno_context=28";
    for money in [
        "budget_gpu_hours=1000\ncorpus=\"none\"",
        "budget_gpu_hours=3000000\ncorpus=\"domain\"",
    ] {
        let head =
            format!("workload=\"safety_critical\"\ntolerance=\"none\"\nmodel=\"70B\"\n{money}");
        let advice = told(&head, &ruler(98, 75, 72), answers);
        let said = advice.text();
        assert!(advice.sentence.contains("The advice for 70B: try a position fix first; if chains (multi-hop tracing) or counts (aggregation) are still lost with it, "), "{said}");
        assert!(
            advice
                .next
                .what
                .starts_with("Run RULER at the target with a position fix"),
            "{said}"
        );
        if advice.action == Verdict::ReasonLonger {
            assert!(advice.sentence.contains("which leaves RULER multi-hop tracing at 75.0 and aggregation at 72.0, where no error is accepted"), "{said}");
        }
    }
}

/// Shares that only mean that a remedy was not measured are not called a finding.
#[test]
fn a_split_by_what_was_not_measured_is_no_finding() {
    let text = "workload=\"document_lookup\"\ntarget_window=\"64K\"\ntrained_window=\"8K\"\nmodel=\"8B\"\nweights=\"fixed\"\n[[ruler]]\nlength=\"8K\"\nsingle_needle={value=100,n=300}\nmulti_needle={value=98,n=500}\nmulti_hop={value=96,n=100}\naggregation={value=94,n=200}\nquestion_answering={value=80,n=200}\n";
    let evidence: Evidence = toml::from_str(text).unwrap();
    let advice = advise(&evidence, &Thresholds::default());
    assert_eq!(advice.action, Verdict::Undecided, "{}", advice.text());
    assert!(
        advice.sureness().contains("That split is no finding"),
        "{}",
        advice.sureness()
    );
}

/// One statement on an extension that fits with adapters alone.
#[test]
fn an_extension_with_adapters_is_the_plan_that_fits() {
    let text = "workload=\"document_lookup\"\ntarget_window=\"64K\"\ntrained_window=\"8K\"\nmodel=\"Llama 3 8B\"\nhardware=\"a100\"\ndevices=1\nbudget_gpu_hours=2000\ncorpus=\"general\"\n[[ruler]]\nlength=\"4K\"\nsingle_needle={value=100,n=300}\nmulti_needle={value=98,n=500}\nmulti_hop={value=96,n=100}\naggregation={value=94,n=200}\nquestion_answering={value=80,n=200}\n[[ruler]]\nlength=\"8K\"\nsingle_needle={value=100,n=300}\nmulti_needle={value=98,n=500}\nmulti_hop={value=96,n=100}\naggregation={value=94,n=200}\nquestion_answering={value=80,n=200}\n[[ruler]]\nlength=\"16K\"\nsingle_needle={value=2,n=300}\nmulti_needle={value=0,n=500}\n";
    let evidence: Evidence = toml::from_str(text).unwrap();
    let advice = advise(&evidence, &Thresholds::default());
    let said = advice.text();
    assert!(matches!(advice.action, Verdict::Extend { .. }), "{said}");
    assert!(advice.sentence.contains("with adapters"), "{said}");
    assert!(!said.contains("Extend the window: Training all"), "{said}");
}
