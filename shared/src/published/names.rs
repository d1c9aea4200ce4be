//! Names of models and hardware, however they are written.

/// A name without case, spaces, hyphens and other marks: what stays are letters, digits and dots.
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

/// Whether two names mean one model: alike as [`plain_name`] has them, or but for a maker's folder
/// before (`meta-llama/`) and a word for the tuned variant behind (`-Instruct`, `-Chat`, `-it`).
///
/// # Example
/// ```
/// use fathom_shared::published::same_name;
/// assert!(same_name("meta-llama/Llama-3.1-8B-Instruct", "Llama3.1 8B"));
/// assert!(!same_name("Llama-3.1-70B", "Llama3.1 8B"));
/// ```
pub fn same_name(a: &str, b: &str) -> bool {
    let core = |name: &str| {
        let name = name.rsplit('/').next().unwrap_or(name);
        let plain = plain_name(name);
        let tuned = ["instruct", "chat", "it"];
        let cut = tuned.iter().find_map(|end| plain.strip_suffix(end));
        cut.filter(|cut| cut.ends_with(|one: char| one == 'b' || one.is_ascii_digit()))
            .map_or_else(|| plain.clone(), str::to_owned)
    };
    core(a) == core(b)
}
