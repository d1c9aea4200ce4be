use std::collections::BTreeSet;

use super::*;

const AT: Tokens = Tokens(131_072);

fn report(model: &str, reporter: &str, percent: f64, n: Option<u32>) -> ModelReport {
    ModelReport {
        id: format!("{model}~{reporter}"),
        model: model.to_owned(),
        own: false,
        reporter: reporter.to_owned(),
        setting: String::new(),
        size: None,
        window: None,
        source: "here".to_owned(),
        ruler: vec![(AT, ReportedScore::published(percent, n))],
        joined: None,
        longbench: None,
    }
}

fn names(rows: &[RankedModel]) -> Vec<&str> {
    rows.iter().map(|row| row.report.model.as_str()).collect()
}

#[test]
fn one_model_has_one_name_and_two_reporters_two_rows() {
    let reports = reports();
    let of = |model: &str| -> Vec<&str> {
        let all = reports.iter().filter(|one| one.model == model);
        all.map(|one| one.reporter.as_str()).collect()
    };
    // Llama-3.1-8B-Instruct and Llama 3.1 8B are RULER's Llama3.1 8B.
    assert_eq!(
        of("Llama3.1 8B"),
        ["RULER’s authors", "Swiss AI", "LongBench v2’s authors"]
    );
    assert_eq!(
        of("Qwen3-235B-A22B"),
        [
            "others, in RULER’s README",
            "Qwen",
            "LongBench v2’s authors",
            "Qwen"
        ]
    );
    assert_eq!(
        of("Qwen2.5-72B-Instruct"),
        ["Qwen", "Swiss AI", "LongBench v2’s authors"]
    );
    assert_eq!(of("Mistral-Large-2411 123B").len(), 2);
    // Tuned, pretrained and dated models are different models, and so are models with other
    // positions.
    assert_eq!(of("Llama3.1-8B with STRING").len(), 1);
    assert_eq!(of("Gemma-3-4B-PT").len(), 1);
    assert_eq!(of("Gemma-3-4B-IT").len(), 1);
    assert_eq!(of("GPT-4o (2024-11-20)").len(), 1);
    for none in ["Llama-3.1-8B-Instruct", "Qwen3-14B 14B", "Human", "GPT-4o"] {
        assert!(of(none).is_empty(), "{none}");
    }
    let ids: BTreeSet<&str> = reports.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids.len(), reports.len());
    for one in &reports {
        assert!(!one.source.is_empty() && !one.setting.is_empty(), "{one:?}");
        let figures = one.ruler.len() + usize::from(one.longbench.is_some());
        assert!(figures > 0, "{one:?}");
    }
}

#[test]
fn lengths_go_from_4k_to_a_million() {
    let lengths = lengths(&reports());
    let named: Vec<String> = lengths
        .iter()
        .map(|length| crate::chart::length_name(f64::from(length.0)))
        .collect();
    assert_eq!(named.first().map(String::as_str), Some("4K"));
    assert_eq!(named.last().map(String::as_str), Some("1M"));
    for length in ["96K", "128K", "512K"] {
        assert!(named.iter().any(|one| one == length), "{length}");
    }
    // One of RULER's authors has published a further length of one model.
    let at = ranked(&reports(), RankedBenchmark::Ruler, Tokens(262_144));
    assert_eq!(at[0].report.model, "Gemini-1.5-pro");
    assert_eq!(at[0].report.at(Tokens(262_144)).unwrap().n, None);
}

#[test]
fn the_deepest_at_128k_is_told_with_its_reporter() {
    let rows = ranked(&reports(), RankedBenchmark::Ruler, AT);
    let told = conclusion(&rows, RankedBenchmark::Ruler, AT);
    let models: BTreeSet<&str> = names(&rows).into_iter().collect();
    let begin = format!(
        "Deepest at 128K among {} models: Qwen3-Next-80B-A3B-Instruct, 96.0 (95% about 93.1–97.9, n = 260), reported by Qwen.",
        models.len()
    );
    assert!(told.starts_with(&begin), "{told}");
    assert!(told.ends_with("so first place is not settled."), "{told}");
    assert_eq!(rows[0].rank, Some(1));
    let best = ranked(&reports(), RankedBenchmark::Longbench, AT);
    let told = conclusion(&best, RankedBenchmark::Longbench, AT);
    assert!(
        told.contains("Gemini-3-Pro, 68.2 (n not reported), reported by Qwen."),
        "{told}"
    );
}

#[test]
fn equals_share_a_place_and_what_is_missing_stands_last() {
    let some = ReportedScore {
        part: ScorePart::of_tasks(3),
        ..ReportedScore::published(99.0, Some(60))
    };
    let partial = ModelReport {
        own: true,
        ruler: vec![(AT, some)],
        ..report("mine", "own", 0.0, None)
    };
    let mut other = report("elsewhere", "d", 50.0, None);
    other.ruler[0].0 = Tokens(4096);
    let reports = [
        report("b", "x", 90.0, Some(100)),
        report("a", "x", 90.04, None),
        report("c", "y", 80.0, Some(500)),
        partial,
        other,
    ];
    let by = RankedBenchmark::Ruler;
    let rows = ranked(&reports, by, AT);
    assert_eq!(names(&rows), ["mine", "a", "b", "c"]);
    let ranks: Vec<Option<usize>> = rows.iter().map(|row| row.rank).collect();
    assert_eq!(ranks, [None, Some(1), Some(1), Some(3)]);
    let told = conclusion(&rows, by, AT);
    assert!(
        told.starts_with("Deepest at 128K among 3 models, 2 tied: a, 90.0 (n not reported), reported by x; b, 90.0"),
        "{told}"
    );
    let along = |column: RankingColumn, descending| {
        let order = RankingOrder { column, descending };
        let rows = sorted(rows.clone(), order, by, AT);
        names(&rows).join(" ")
    };
    assert_eq!(along(RankingColumn::Samples, true), "c b mine a");
    assert_eq!(along(RankingColumn::Samples, false), "mine b c a");
    assert_eq!(along(RankingColumn::Model, true), "mine c b a");
    assert_eq!(along(RankingColumn::Reporter, false), "mine a b c");
    assert_eq!(along(RankingColumn::Size, true), "mine a b c");
    let none = conclusion(&ranked(&reports, by, Tokens(8192)), by, Tokens(8192));
    assert_eq!(none, "No model has figures for this selection at 8K.");
}

#[test]
fn both_benchmarks_stand_in_one_row() {
    let rows = ranked(&reports(), RankedBenchmark::Both, AT);
    assert!(rows.len() > 9, "{}", rows.len());
    for row in &rows {
        assert!(row.report.at(AT).is_some() && row.report.longbench.is_some());
    }
    // The figures of the same reporter are joined, if both exist.
    let mut thinking = rows
        .iter()
        .filter(|row| row.report.model == "Qwen3-235B-A22B");
    assert!(thinking.any(|row| row.report.reporter == "Qwen"));
    let llama = rows
        .iter()
        .find(|row| row.report.model == "Llama3.1 70B")
        .unwrap();
    assert_eq!(
        llama.report.who(),
        "RULER by its authors; LongBench v2 by its authors"
    );
    assert_eq!(
        llama.report.samples(RankedBenchmark::Both, AT),
        "RULER 6,500, LongBench v2 503"
    );
    // Each figure names its own reporter, and that first place is open is said once.
    let told = conclusion(&rows, RankedBenchmark::Both, AT);
    assert!(
        !told.contains("RULER by") && !told.contains("by RULER:"),
        "{told}"
    );
    assert!(told.matches("settled").count() <= 1, "{told}");
    let qwen = ModelReport {
        joined: Some("LongBench v2’s authors".to_owned()),
        ..report("m", "Qwen", 90.0, None)
    };
    assert_eq!(qwen.who(), "RULER by Qwen; LongBench v2 by its authors");
    assert_eq!(
        [RankedBenchmark::Ruler, RankedBenchmark::Longbench].map(|by| by_whom(&qwen, by)),
        ["reported by Qwen", "reported by LongBench v2’s authors"]
    );
}

#[test]
fn a_search_takes_names_however_they_are_written() {
    let rows = ranked(&reports(), RankedBenchmark::Ruler, AT);
    let count = |words| rows.iter().filter(|row| found(row, words)).count();
    assert_eq!(count(""), rows.len());
    assert_eq!(count("llama-3.1-8b"), count("Llama3.1 8B"));
    assert!(count("llama-3.1-8b") >= 2);
    assert_eq!(count("qwen yarn"), 1);
    assert_eq!(count("no such model"), 0);
}

#[test]
fn a_difference_has_an_interval_where_both_have_n() {
    let score = |percent, n| ReportedScore::published(percent, n);
    let (many, few) = (score(90.0, Some(6500)), score(96.0, Some(260)));
    let both = contrast(&few, &many);
    let told = both.told(("a", &few), ("b", &many));
    assert!(
        told.starts_with("a is 6.0 points above b (95% about +"),
        "{told}"
    );
    assert!(told.ends_with("more than chance would explain)."), "{told}");
    let near = contrast(&many, &score(90.5, Some(260)));
    let told = near.told(("b", &many), ("c", &score(90.5, Some(260))));
    assert!(
        told.contains("0.5 points below c") && told.contains("it may be chance"),
        "{told}"
    );
    let bare = score(90.0, None);
    let none = contrast(&many, &bare);
    assert_eq!(
        none.told(("b", &many), ("d", &bare)),
        "b and d score the same. No interval: n is not reported for d."
    );
    let partial = ReportedScore {
        part: ScorePart::of_tasks(3),
        ..few
    };
    let told = contrast(&partial, &many).told(("mine", &partial), ("b", &many));
    assert!(told.contains("mine is a mean of 3 of 13 tasks"), "{told}");
    assert_eq!(
        partial.told(),
        "96.0 (95% about 93.1–97.9, n = 260, 3 of 13 tasks)"
    );
}
