use super::*;

#[test]
fn fractions_are_tested_by_random_signs() {
    let better: Vec<(f64, f64)> = (0..60)
        .map(|i| (0.25, 0.5 + f64::from(i % 3) / 4.0))
        .collect();
    let paired = PairedDifference::of(&better).unwrap();
    assert_eq!(
        (paired.test, paired.gained, paired.lost),
        (PairedTest::SignFlip, 60, 0)
    );
    assert_eq!(paired.p, 2.0_f64.powi(-59));
    let same: Vec<(f64, f64)> = (0..60)
        .map(|i| if i % 2 == 0 { (0.25, 0.5) } else { (0.5, 0.25) })
        .collect();
    let paired = PairedDifference::of(&same).unwrap();
    assert!(paired.p > 0.5 && paired.discordant() == 1.0, "{paired:?}");
    let equal = PairedDifference::of(&[(0.5, 0.5), (0.25, 0.25)]).unwrap();
    assert_eq!((equal.p, equal.difference.value), (1.0, 0.0));
    // That neither of two pairs differs says little about future ones.
    let open = wilson(0, 2).unwrap().high;
    let ends = |of: &PairedDifference| of.difference.interval.map(|i| (i.low, i.high));
    assert_eq!(ends(&equal), Some((-open, open)));
    let lost = PairedDifference::of(&[(1.0, 0.0); 9]).unwrap();
    let open = wilson(0, 9).unwrap().high;
    assert_eq!(ends(&lost), Some((-1.0, -1.0 + 2.0 * open)));
    assert_eq!(ends(&PairedDifference::of(&[(1.0, 0.0)]).unwrap()), None);
    assert_eq!(PairedDifference::of(&[]), None);
}

#[test]
fn a_worse_answer_never_helps() {
    let mut pairs: Vec<(f64, f64)> = (0..40).map(|i| (f64::from(i % 2), 1.0)).collect();
    let mut before = PairedDifference::of(&pairs).unwrap();
    for at in 0..20 {
        pairs[2 * at].1 = 0.0;
        let now = PairedDifference::of(&pairs).unwrap();
        assert!(now.difference.value < before.difference.value && now.p >= before.p);
        before = now;
    }
}

#[test]
fn pairs_of_one_source_are_one_piece_of_evidence() {
    let pairs: Vec<(f64, f64)> = (0..80)
        .map(|i| (1.0, f64::from(u8::from(i >= 16))))
        .collect();
    let alone: Vec<usize> = (0..80).collect();
    let shared: Vec<usize> = (0..80).map(|i| i / 16).collect();
    let (a, b) = (
        PairedDifference::of(&pairs).unwrap(),
        PairedDifference::clustered(&pairs, &shared).unwrap(),
    );
    assert_eq!(PairedDifference::clustered(&pairs, &alone), Some(a));
    assert_eq!(
        (b.n, b.difference.value, b.test),
        (80, a.difference.value, PairedTest::ClusterSignFlip)
    );
    assert!(a.p < 0.001 && b.p > 0.1, "{a:?} {b:?}");
    // Both sides too: 5 sources that are all right say no more than 5 scores.
    assert_eq!(
        [a.first.interval, b.first.interval],
        [wilson(80, 80), wilson(5, 5)]
    );
    let [one_by_one, whole] = [a.second, b.second].map(|side| side.interval.unwrap());
    assert_eq!(whole.method, IntervalMethod::ClusterBootstrap);
    assert!(whole.high - whole.low > 2.0 * (one_by_one.high - one_by_one.low));
    assert_eq!(
        PairedDifference::clustered(&pairs, &[0; 80])
            .unwrap()
            .second
            .interval,
        None
    );
    let (close, far) = (0.5, 0.3);
    let of = |clusters: &[usize]| ScorePairs::new(&pairs, clusters, &[0; 80]);
    let p = |clusters: &[usize], margin| of(clusters).within(margin).unwrap();
    assert!(p(&alone, far) < 0.05 && p(&shared, far) > 0.05 && p(&alone, close) < 0.001);
    assert_eq!(of(&[0; 80]).within(far), None);
}

/// Thirteen tasks of fifty samples, with scores given by `lost`.
fn tasks(lost: impl Fn(usize, usize) -> (f64, f64)) -> ScorePairs {
    let (mut pairs, mut groups) = (Vec::new(), Vec::new());
    for task in 0..13 {
        for sample in 0..50 {
            pairs.push(lost(task, sample));
            groups.push(task);
        }
    }
    let alone: Vec<usize> = (0..pairs.len()).collect();
    ScorePairs::new(&pairs, &alone, &groups)
}

#[test]
fn a_small_loss_everywhere_and_a_large_one_of_a_task_are_both_seen() {
    // Two of fifty lost in every task, one gained in some, and one noisy task.
    let small = tasks(|task, sample| match (task, sample) {
        (12, _) => (
            f64::from(sample as u32 % 2),
            f64::from(sample as u32 / 2 % 2),
        ),
        (_, 0 | 1) => (1.0, 0.0),
        (0..4, 2) => (0.0, 1.0),
        _ => (1.0, 1.0),
    });
    let found = small.paired().unwrap();
    assert!(
        found.p < 0.001 && found.difference.value < -0.02,
        "{found:?}"
    );
    let large = tasks(|task, _| if task == 3 { (0.8, 0.2) } else { (1.0, 1.0) });
    let found = large.paired().unwrap();
    assert!(found.p < 1e-12, "{found:?}");
    assert!((found.difference.value + 0.6 / 13.0).abs() < 1e-12);
    let nothing = tasks(|_, sample| {
        (
            f64::from(sample as u32 % 2),
            f64::from(sample as u32 / 2 % 2),
        )
    });
    assert!(nothing.paired().unwrap().p > 0.5);
}

#[test]
fn what_is_within_a_margin_has_its_interval_there() {
    for lost in 0..6 {
        for n in [10, 40, 160, 640] {
            let pairs: Vec<(f64, f64)> = (0..n)
                .map(|i| (0.9, if i < lost { 0.7 } else { 0.9 }))
                .collect();
            let alone: Vec<usize> = (0..n).collect();
            let pairs = ScorePairs::new(&pairs, &alone, &vec![0; n]);
            let ends = pairs.paired().unwrap().difference.interval.unwrap();
            let within = pairs.within(0.05).unwrap();
            let inside = ends.low > -0.05 && ends.high < 0.05;
            assert!(inside || within > 0.02, "{lost} of {n}: {ends:?} {within}");
            assert!(!inside || within < 0.05, "{lost} of {n}: {ends:?} {within}");
        }
    }
}

#[test]
fn errors_are_those_of_statsmodels() {
    #[derive(serde::Deserialize)]
    struct Case {
        values: Vec<f64>,
        clusters: Vec<usize>,
        mean: f64,
        error: f64,
    }
    #[derive(serde::Deserialize)]
    struct Golden {
        clustered: Vec<Case>,
    }
    let golden = include_str!("../../../../tests/golden/stats/clustered.json");
    let golden: Golden = serde_json::from_str(golden).unwrap();
    assert!(golden.clustered.len() >= 5);
    for case in golden.clustered {
        let pairs: Vec<(f64, f64)> = case.values.iter().map(|value| (0.0, *value)).collect();
        let all = ScorePairs::new(&pairs, &case.clusters, &vec![0; pairs.len()]);
        let found = all.moments().unwrap();
        assert!((found.mean - case.mean).abs() < 1e-12);
        assert!((found.error - case.error).abs() < 1e-12, "{found:?}");
    }
}
