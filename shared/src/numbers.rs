//! Numbers as people read them.

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
