//! Compares rows saved by the page with those of NVIDIA/RULER's own scripts: wasm counts like
//! native code.

use std::fs;

use fathom_shared::formats::ruler::RulerDataRow;
use sha2::{Digest, Sha256};

use super::driver::Page;
use super::static_host::static_files;
use crate::golden;
use crate::golden::ruler::{Case, QA_FILES, cases, spec};

#[tokio::test(flavor = "multi_thread")]
async fn the_page_saves_the_originals_rows() {
    let folder = tempfile::tempdir().unwrap();
    let query =
        "?task=niah_single_1&length=4096&seed=42&sample=0&mode=completion&tokenizer=cl100k_base";
    let url = format!("{}/builder{query}", static_files().await);
    let page = Page::open_without_webgpu(folder.path(), &url).await;
    page.keep_saved().await;
    page.until("[data-testid=evidence]", 60).await;
    for (text, file) in QA_FILES {
        let path = folder.path().join(file);
        fs::write(&path, golden::bytes(&format!("ruler/inputs/{file}.gz"))).unwrap();
        let id = text.flag().trim_start_matches("--");
        page.pick_file(id, &path).await;
        page.until_text(&format!("own-{id}"), file, 30).await;
    }
    let all = cases();
    assert_eq!(all.len(), 65, "cases of the golden set");
    for (tokenizer, choice) in [("cl100k_base", "cl100k_base"), ("smollm2", "model")] {
        page.choose("tokenizer", choice).await;
        for case in all.iter().filter(|case| case.tokenizer == tokenizer) {
            check(&page, case).await;
        }
    }
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

/// Checks the last sample of the case: in the upstream profile it needs all samples before it.
async fn check(page: &Page, case: &Case) {
    let (name, spec) = (&case.name, spec(case));
    let json = serde_json::to_string(&spec).unwrap();
    page.give_file("import", &format!("{name}.json"), &json)
        .await;
    page.until_text(
        "carried",
        &format!("{name}.json was loaded into the form"),
        10,
    )
    .await;
    let last = case.num_samples - 1;
    page.fill("sample", &last.to_string()).await;
    let command = format!(
        "--task {} --max-seq-length {} --num-samples {} --random-seed {}",
        spec.task, spec.max_seq_length, case.num_samples, spec.random_seed
    );
    page.until_text("command", &command, 10).await;
    for (option, value) in &spec.set {
        page.until_text("command", &format!("--set {option}={value}"), 10)
            .await;
    }
    if case.outcome == "hang" {
        page.until_text("build-state", "Not built", 60).await;
        let fault = page.text("length-fault").await;
        assert!(fault.contains("tokens"), "{name}: {fault:?}");
        return;
    }
    page.until_text("build-state", "Built in", 120).await;
    let saved = page.save("save-row").await;
    if let Some(file) = &case.file {
        let rows = golden::text(&format!("ruler/{file}"));
        let want = rows.lines().nth(last).unwrap();
        // The first difference is more useful than two long texts.
        let at = saved.bytes().zip(want.bytes()).position(|(a, b)| a != b);
        assert_eq!(at, None, "{name} #{last}");
        assert_eq!(saved.len(), want.len() + 1, "{name} #{last}");
    } else {
        let got: RulerDataRow = serde_json::from_str(&saved).unwrap();
        let want = &case.rows.as_ref().unwrap()[last];
        let hash = hex::encode(Sha256::digest(&got.input));
        assert_eq!(hash, want.input_sha256, "{name} #{last}");
        assert_eq!(got.length, want.length, "{name} #{last}");
    }
}
