//! A line of a table of figures.

/// Figures of one wait, as the page measured it: milliseconds.
pub(crate) type Ms = f64;

/// Prints a figure, and how it stands to what is aimed at.
pub(crate) fn row(what: &str, ms: Ms, aim: Option<Ms>) {
    let verdict = match aim {
        Some(aim) if ms < aim => format!("below the aim of {aim} ms"),
        Some(aim) => format!("ABOVE the aim of {aim} ms"),
        None => String::new(),
    };
    println!("  {what:<50} {ms:>9.1} ms {verdict}");
}
