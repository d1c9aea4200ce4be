//! Matches names of models and hardware, however they are spelled.

/// A name without case, spaces, hyphens and other marks: only letters, digits and dots remain.
///
/// # Example
/// ```
/// use fathom_shared::published::plain_name;
/// assert_eq!(plain_name("Llama 3.1-8B"), plain_name("llama3.1 8b"));
/// ```
pub fn plain_name(name: &str) -> String {
    let kept = name
        .chars()
        .filter(|one| one.is_alphanumeric() || *one == '.');
    kept.flat_map(char::to_lowercase).collect()
}

/// Whether two names mean the same model: they are equal as [`plain_name`]s, or differ only in the
/// maker's prefix (`meta-llama/`, `Meta-`) or in the suffix of the tuned variant (`-Instruct`,
/// `-Chat`, `-it`).
///
/// # Example
/// ```
/// use fathom_shared::published::same_name;
/// assert!(same_name("meta-llama/Meta-Llama-3.1-8B-Instruct", "Llama3.1 8B"));
/// assert!(!same_name("Llama-3.1-70B", "Llama3.1 8B"));
/// ```
pub fn same_name(a: &str, b: &str) -> bool {
    core_name(a) == core_name(b)
}

/// The part that all names of a model share.
pub(super) fn core_name(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name);
    let plain = plain_name(name);
    let plain = match plain.strip_prefix("meta") {
        Some(rest) if rest.starts_with("llama") => rest.to_owned(),
        _ => plain,
    };
    let tuned = ["instruct", "chat", "it"];
    let cut = tuned.iter().find_map(|end| plain.strip_suffix(end));
    cut.filter(|cut| cut.ends_with(|one: char| one == 'b' || one.is_ascii_digit()))
        .map_or_else(|| plain.clone(), str::to_owned)
}

/// Which of several names another name means: an equal one, else the only one that contains all of
/// it, such as `Jamba-1.5-large 94B/398B` for `Jamba 1.5 large`.
///
/// # Example
/// ```
/// use fathom_shared::published::meant_name;
/// let names = ["Jamba-1.5-large 94B/398B", "Jamba-1.5-mini 12B/52B"];
/// assert_eq!(meant_name("Jamba 1.5 large", &names), Some(names[0]));
/// assert_eq!(meant_name("Jamba", &names), None);
/// ```
pub fn meant_name<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    if let Some(same) = names.iter().copied().find(|one| same_name(one, name)) {
        return Some(same);
    }
    let wanted = plain_name(name.rsplit('/').next().unwrap_or(name));
    let tuned = ["instruct", "chat"];
    let cut = tuned.iter().find_map(|end| wanted.strip_suffix(end));
    let wanted = cut.unwrap_or(&wanted);
    if wanted.len() < 3 {
        return None;
    }
    let mut holding = names
        .iter()
        .copied()
        .filter(|one| plain_name(one).contains(wanted));
    let first = holding.next()?;
    holding.next().is_none().then_some(first)
}
