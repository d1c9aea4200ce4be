use super::*;

fn point(x: f64, y: f64) -> ChartPoint {
    ChartPoint {
        x,
        y,
        interval: Some((y - 5.0, y + 5.0)),
        n: Some(40),
        says: format!("{x}: {y}"),
        ..ChartPoint::default()
    }
}

fn series(name: &str, own: bool, points: Vec<ChartPoint>) -> Series {
    Series {
        name: name.to_owned(),
        own,
        source: "here, today".to_owned(),
        form: PointStyle::Plain,
        points,
    }
}

fn figure(kind: FigureKind, x: AxisScale) -> Figure {
    let axis = |title: &str, scale| Axis {
        title: title.to_owned(),
        scale,
    };
    let places: &[f64] = match x {
        AxisScale::Band(_) => &[0.0, 1.0],
        _ => &[4096.0, 8192.0, 16384.0],
    };
    let of = |low: f64| {
        let all = places.iter().enumerate();
        all.map(|(at, x)| point(*x, low + at as f64 * 10.0))
            .collect()
    };
    Figure {
        id: "figure".to_owned(),
        title: "A <figure>".to_owned(),
        about: "What it is about, in several words.".to_owned(),
        kind,
        x: axis("Tokens", x),
        y: axis(
            "Score, %",
            AxisScale::Linear {
                low: 0.0,
                high: 100.0,
            },
        ),
        series: vec![
            series("mine, \"7B\"", true, of(40.0)),
            series("theirs", false, of(60.0)),
        ],
        guides: vec![GuideLine {
            at: 85.6,
            name: "85.6".to_owned(),
        }],
    }
}

fn lengths() -> AxisScale {
    AxisScale::Log2 {
        low: 4096.0,
        high: 16384.0,
    }
}

fn names() -> AxisScale {
    AxisScale::Band(vec!["easy".to_owned(), "hard".to_owned()])
}

fn all_kinds() -> Vec<Figure> {
    vec![
        figure(FigureKind::Lines, lengths()),
        figure(FigureKind::Lines, names()),
        figure(FigureKind::Bars, names()),
        figure(FigureKind::Forest, names()),
        figure(FigureKind::Heat, names()),
        figure(
            FigureKind::Radar,
            AxisScale::Band(["a", "b", "c", "d", "e"].map(str::to_owned).to_vec()),
        ),
        figure(FigureKind::Slope, names()),
        figure(FigureKind::Scatter, lengths()),
    ]
}

#[test]
fn every_point_has_a_mark_inside_the_drawing() {
    for figure in all_kinds() {
        for width in [328.0, 720.0, 1600.0] {
            let view = ChartView {
                width,
                ..ChartView::default()
            };
            let drawing = draw(&figure, &view);
            let points: usize = figure.series.iter().map(|s| s.points.len()).sum();
            assert_eq!(drawing.marks.len(), points, "{:?}", figure.kind);
            for mark in &drawing.marks {
                let inside =
                    (0.0..=width).contains(&mark.x) && (0.0..=drawing.height).contains(&mark.y);
                assert!(inside, "{:?} at {width}: {mark:?}", figure.kind);
            }
            assert!(!inner(&drawing).contains("NaN"), "{:?}", figure.kind);
        }
    }
}

/// The left and the right end of every text, as wide as its letters are thought to be.
fn texts(drawing: &Drawing) -> Vec<(String, f64, f64)> {
    let ends = |shape: &ChartShape| {
        let ChartShape::Text {
            at: (x, _),
            anchor,
            class,
            text,
        } = shape
        else {
            return None;
        };
        let em = match class.split(' ').next()? {
            "name" => frame::name_em(drawing.em, class.ends_with("own")),
            "group" => drawing.em * labels::BOLD,
            _ => drawing.em * frame::SMALL,
        };
        let wide = labels::width(text, em);
        let left = match anchor {
            TextAnchor::Start => *x,
            TextAnchor::Middle => x - wide / 2.0,
            TextAnchor::End => x - wide,
        };
        Some((text.clone(), left, left + wide))
    };
    drawing.shapes.iter().filter_map(ends).collect()
}

#[test]
fn no_word_leaves_the_drawing() {
    for mut figure in all_kinds() {
        figure.series[0].name = "smollm2-135m-instruct, recorded 2026-11-30 (1 of 13)".to_owned();
        figure.series[1].name = "Qwen2.5-72B (2024-09-19), with a chain of thought".to_owned();
        figure.guides[0].name = "85.6: Llama-2-7B at 4K".to_owned();
        for width in [260.0, 328.0, 560.0, 1160.0, 1800.0] {
            let view = ChartView {
                width,
                em: 12.5,
                ..ChartView::default()
            };
            for (text, left, right) in texts(&draw(&figure, &view)) {
                let inside = left >= -0.5 && right <= width + 0.5;
                assert!(
                    inside,
                    "{:?} at {width}: {text}: {left} to {right}",
                    figure.kind
                );
            }
        }
    }
}

#[test]
fn names_of_bars_are_whole_in_a_narrow_room() {
    let mut figure = figure(FigureKind::Bars, names());
    figure.series[0].name = "a name that is long".to_owned();
    let view = ChartView {
        width: 328.0,
        ..ChartView::default()
    };
    let picture = inner(&draw(&figure, &view));
    assert!(picture.contains(">a name that is long<"), "{picture}");
    // A name that the whole width does not hold is cut, in the legend of a file too.
    figure.series[0].name = "a name that is long ".repeat(9);
    let file = standalone(&figure, &view, "light dark");
    assert!(!file.contains(&figure.series[0].name), "{file}");
}

#[test]
fn the_name_of_a_guide_evades_the_lines() {
    let mut figure = figure(FigureKind::Lines, lengths());
    figure.guides[0].name = "85.6: the mark".to_owned();
    let left_of_name = |figure: &Figure| {
        let all = texts(&draw(figure, &ChartView::default()));
        let name = all.into_iter().find(|(text, ..)| text.starts_with("85.6"));
        name.map(|(_, left, _)| left).unwrap()
    };
    assert!(left_of_name(&figure) > 300.0, "at the end above");
    // A line that ends just above the guide takes the place.
    figure.series[1].points = vec![
        point(4096.0, 40.0),
        point(8192.0, 88.0),
        point(16384.0, 88.0),
    ];
    figure.series[0].points = vec![point(8192.0, 83.0), point(16384.0, 83.0)];
    assert!(left_of_name(&figure) < 300.0, "at the beginning");
}

#[test]
fn a_higher_value_is_higher_and_a_longer_text_further() {
    let drawing = draw(&figure(FigureKind::Lines, lengths()), &ChartView::default());
    let [a, b, c, d, ..] = drawing.marks[..] else {
        panic!("six marks are wanted")
    };
    assert!(a.y > b.y && b.y > c.y && a.y > d.y, "values go up");
    assert!((b.x - a.x - (c.x - b.x)).abs() < 1e-6, "doublings are even");
    let bars = draw(&figure(FigureKind::Bars, names()), &ChartView::default());
    let end = |at: usize| bars.marks[at].x + bars.marks[at].half.0;
    assert!(end(1) > end(0) && end(2) > end(1));
}

#[test]
fn a_forest_has_a_row_for_each_difference_and_shades_the_margin() {
    let mut figure = figure(FigureKind::Forest, names());
    let guide = |at: f64| GuideLine {
        at,
        name: format!("{at:+}"),
    };
    figure.guides = vec![guide(-5.0), guide(5.0)];
    figure.y.scale = AxisScale::Linear {
        low: -50.0,
        high: 100.0,
    };
    let drawing = draw(&figure, &ChartView::default());
    let rows: Vec<f64> = drawing.marks.iter().map(|mark| mark.y).collect();
    assert!(rows.is_sorted_by(|a, b| a < b), "{rows:?}");
    let margins = drawing.shapes.iter().filter_map(|shape| match shape {
        ChartShape::Rect { at, class, .. } if class == "margin" => Some(*at),
        _ => None,
    });
    let margins: Vec<[f64; 4]> = margins.collect();
    let [[left, top, wide, high]] = margins[..] else {
        panic!("one margin is wanted: {margins:?}")
    };
    assert!(left > 0.0 && wide > 0.0 && top < rows[0] && top + high > rows[3]);
    let picture = inner(&drawing);
    for told in [">easy<", ">+40.0<", ">mine, &quot;7B&quot;<"] {
        assert!(picture.contains(told), "no {told}");
    }
    // A group that is hidden takes its rows along.
    let hidden = ChartView {
        hidden: vec![0],
        ..ChartView::default()
    };
    let fewer = draw(&figure, &hidden);
    assert!(fewer.marks.len() == 2 && fewer.height < drawing.height);
}

#[test]
fn hidden_series_and_a_part_of_the_lengths() {
    let figure = figure(FigureKind::Lines, lengths());
    let hidden = ChartView {
        hidden: vec![0],
        ..ChartView::default()
    };
    let drawing = draw(&figure, &hidden);
    assert!(drawing.marks.iter().all(|mark| mark.series == 1));
    let part = ChartView {
        range: Some((8192.0, 16384.0)),
        ..ChartView::default()
    };
    let drawing = draw(&figure, &part);
    assert_eq!(drawing.marks.len(), 4);
    assert!(drawing.marks.iter().all(|mark| mark.point > 0));
}

#[test]
fn keys_walk_along_a_series_and_across() {
    let figure = figure(FigureKind::Lines, lengths());
    let drawing = draw(&figure, &ChartView::default());
    let go = |at, key| step(&figure, &drawing, at, KeyDirection::of_key(key).unwrap());
    assert_eq!(go(0, "ArrowRight"), Some(1));
    assert_eq!(go(2, "ArrowRight"), Some(2));
    assert_eq!(go(1, "ArrowDown"), Some(4));
    assert_eq!(go(4, "ArrowUp"), Some(1));
    assert_eq!(go(4, "Home"), Some(3));
    assert_eq!(go(3, "End"), Some(5));
    assert_eq!(go(99, "ArrowLeft"), Some(0));
    assert_eq!(KeyDirection::of_key("x"), None);
    assert_eq!(
        step(&figure, &Drawing::default(), 0, KeyDirection::Next),
        None
    );
}

#[test]
fn the_pointer_finds_the_mark_on_top() {
    let mut drawing = draw(&figure(FigureKind::Lines, lengths()), &ChartView::default());
    let mark = drawing.marks[1];
    assert_eq!(drawing.nearest(mark.x + 3.0, mark.y, 8.0), Some(1));
    assert_eq!(drawing.nearest(-500.0, 0.0, 8.0), None);
    drawing.marks.push(mark);
    assert_eq!(drawing.nearest(mark.x, mark.y, 8.0), Some(6));
}

#[test]
fn the_table_says_what_the_chart_shows() {
    let figure = figure(FigureKind::Lines, lengths());
    let table = table(&figure);
    assert_eq!(
        table.head,
        ["Series", "Tokens", "Score, %", "Low", "High", "n", "Source"]
    );
    assert_eq!(
        table.rows[1],
        ["mine, \"7B\"", "8K", "50", "45", "55", "40", "here, today"]
    );
    let csv = csv(&figure);
    let mut lines = csv.split("\r\n");
    assert_eq!(
        lines.next(),
        Some("Series,Tokens,\"Score, %\",Low,High,n,Source")
    );
    assert_eq!(
        lines.next(),
        Some("\"mine, \"\"7B\"\"\",4K,40,35,45,40,\"here, today\"")
    );
}

#[test]
fn a_file_stands_alone_and_nothing_escapes_from_it() {
    for figure in all_kinds() {
        let svg = standalone(&figure, &ChartView::default(), "light dark");
        assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>"));
        assert!(svg.contains("<title>A &lt;figure&gt;</title>") && !svg.contains("A <figure>"));
        assert!(svg.contains(STYLE) && svg.contains("color-scheme:light dark"));
        if figure.kind != FigureKind::Heat {
            assert!(svg.contains("theirs (published)"), "{:?}", figure.kind);
        }
    }
}
