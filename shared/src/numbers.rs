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
