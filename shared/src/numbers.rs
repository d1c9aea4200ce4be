//! Numbers as people read and write them.

/// A number with its thousands apart.
///
/// # Example
/// ```
/// use fathom_shared::numbers::count;
/// assert_eq!([7, 131_072, 1_234_567].map(count), ["7", "131,072", "1,234,567"]);
/// ```
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut told = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

/// A number with what it counts, in the plural where it is not 1.
///
/// # Example
/// ```
/// use fathom_shared::numbers::counted;
/// let told = [0, 1, 1802].map(|n| counted(n, "pair"));
/// assert_eq!(told, ["0 pairs", "1 pair", "1,802 pairs"]);
/// ```
pub fn counted(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", count(number))
}

/// From the lower to the upper, once where both are printed alike: `60.0`, `35.0 to 45.0`.
///
/// # Example
/// ```
/// use fathom_shared::numbers::span;
/// let tenths = |one: f64| format!("{one:.1}");
/// assert_eq!(span(60.0, 60.01, tenths), "60.0");
/// assert_eq!(span(35.0, 45.0, tenths), "35.0 to 45.0");
/// ```
pub fn span(low: f64, high: f64, told: impl Fn(f64) -> String) -> String {
    let (low, high) = (told(low), told(high));
    match low == high {
        true => low,
        false => format!("{low} to {high}"),
    }
}

/// The same with one digit behind the point, or as many as keep two different ends apart:
/// `35.0 to 45.0`, `99.38 to 99.42`.
pub fn tenths(low: f64, high: f64) -> String {
    match low == high {
        true => format!("{low:.1}"),
        false => {
            let (low, high) = ends(low, high, |one, digits| format!("{one:.digits$}"));
            format!("{low} to {high}")
        }
    }
}

/// Both ends of an interval, with the digits behind the point that keep them apart: one, if need
/// be up to four.
///
/// # Example
/// ```
/// use fathom_shared::numbers::ends;
/// let told = |one: f64, digits: usize| format!("{one:.digits$}");
/// assert_eq!(ends(67.0, 98.5, told), ("67.0".into(), "98.5".into()));
/// assert_eq!(ends(99.384, 99.415, told), ("99.38".into(), "99.42".into()));
/// ```
pub fn ends(low: f64, high: f64, told: impl Fn(f64, usize) -> String) -> (String, String) {
    let with = |digits| (told(low, digits), told(high, digits));
    let apart = (1..4).map(with).find(|(low, high)| low != high);
    apart.unwrap_or_else(|| match low == high {
        true => with(1),
        false => with(4),
    })
}

/// A difference with its sign and so many digits; what rounds to zero has no sign.
///
/// # Example
/// ```
/// use fathom_shared::numbers::signed;
/// assert_eq!([2.0, -35.04, -0.04, 0.0].map(|one| signed(one, 1)), ["+2.0", "-35.0", "0.0", "0.0"]);
/// ```
pub fn signed(number: f64, digits: usize) -> String {
    let told = format!("{number:+.digits$}");
    let is_zero = !told.contains(|one: char| ('1'..='9').contains(&one));
    match is_zero {
        true => told.trim_start_matches(['+', '-']).to_owned(),
        false => told,
    }
}

/// A number and the unit behind it in lower case, however it is written: spaces and underscores
/// mean nothing, and a comma only parts thousands. Nothing where no number above or at 0 begins it.
///
/// # Example
/// ```
/// use fathom_shared::numbers::number_and_unit;
/// assert_eq!(number_and_unit("70 B"), Some((70.0, "b".to_owned())));
/// assert_eq!(number_and_unit("131,072"), Some((131_072.0, String::new())));
/// assert_eq!(number_and_unit("8e9"), Some((8e9, String::new())));
/// assert_eq!(number_and_unit("7,5 B"), None);
/// ```
pub fn number_and_unit(text: &str) -> Option<(f64, String)> {
    let kept = text
        .chars()
        .filter(|one| !one.is_whitespace() && *one != '_');
    let mut text: String = kept.collect();
    if let Some((first, rest)) = text.split_once(',') {
        let digits = |part: &str| part.chars().take_while(char::is_ascii_digit).count();
        let thousands = rest.split(',').all(|part| digits(part) == 3);
        if !thousands || digits(first) != first.len() {
            return None;
        }
        text.retain(|one| one != ',');
    }
    let begins = text.starts_with(|one: char| one.is_ascii_digit() || one == '.');
    let mut ends = text
        .char_indices()
        .map(|(at, one)| at + one.len_utf8())
        .rev();
    let (number, unit) = ends.find_map(|at| {
        let (number, unit) = text.split_at(at);
        Some((number.parse::<f64>().ok()?, unit))
    })?;
    (begins && number.is_finite()).then(|| (number, unit.to_lowercase()))
}

/// A quantity as people write it: `8e9`, `8B`, `70 B`, `1.5 billion`, `20K`, `20,000`. Nothing where
/// it is none.
///
/// # Example
/// ```
/// use fathom_shared::numbers::quantity;
/// assert_eq!(["8B", "8e9", "8 billion"].map(quantity), [Some(8e9); 3]);
/// assert_eq!(quantity("70 B"), Some(70e9));
/// assert_eq!(quantity("20K"), Some(20_000.0));
/// assert_eq!(quantity("many"), None);
/// ```
pub fn quantity(text: &str) -> Option<f64> {
    let (number, unit) = number_and_unit(text)?;
    let unit = match unit.as_str() {
        "" => 1.0,
        "k" | "thousand" => 1e3,
        "m" | "million" => 1e6,
        "b" | "bn" | "g" | "billion" => 1e9,
        "t" | "tn" | "trillion" => 1e12,
        _ => return None,
    };
    Some(number * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_of_statistics_is_told_by_both_ends() {
        assert_eq!(tenths(35.0, 45.0), "35.0 to 45.0");
        assert_eq!(tenths(99.384, 99.416), "99.38 to 99.42");
        assert_eq!(tenths(60.0, 60.0), "60.0");
        assert_eq!(signed(-0.04, 1), "0.0");
    }
}
