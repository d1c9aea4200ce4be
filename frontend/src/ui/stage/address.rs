//! Which part of a page is shown alone, as its address says it. Pure.

/// How a part of a page is shown alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum StageMode {
    /// Large, for a wall: keys step, Escape leaves.
    Present,
    /// In a frame of another page.
    Embed,
}

impl StageMode {
    const ALL: [Self; 2] = [Self::Embed, Self::Present];

    /// The parameter of the address, and the word for style sheets.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Embed => "embed",
        }
    }
}

/// The part that is shown alone, by its name, and how.
pub(super) type StagedPart = (StageMode, String);

/// Reads an address.
pub(super) fn read(get: impl Fn(&str) -> Option<String>) -> Option<StagedPart> {
    let part = |mode: StageMode| Some((mode, get(mode.word())?));
    StageMode::ALL.into_iter().find_map(part)
}

/// The query string of a page with these parameters that shows `part` alone, or all of it.
pub(super) fn query(
    pairs: impl IntoIterator<Item = (String, String)>,
    part: Option<(StageMode, &str)>,
) -> String {
    let is_ours = |name: &str| StageMode::ALL.iter().any(|mode| mode.word() == name);
    let theirs = pairs.into_iter().filter(|(name, _)| !is_ours(name));
    let ours = part.map(|(mode, name)| (mode.word().to_owned(), name.to_owned()));
    let all: Vec<_> = theirs.chain(ours).collect();
    match serde_urlencoded::to_string(all) {
        Ok(query) if !query.is_empty() => format!("?{query}"),
        _ => String::new(),
    }
}

/// The path `to` of the same page, which goes on showing `part` alone.
pub(super) fn kept(to: String, part: Option<&StagedPart>) -> String {
    let Some((mode, name)) = part else {
        return to;
    };
    let joint = if to.contains('?') { '&' } else { '?' };
    let pair = serde_urlencoded::to_string([(mode.word(), name)]).unwrap_or_default();
    format!("{to}{joint}{pair}")
}

/// The name before or after `name`, round and round.
pub(super) fn step<'a>(names: &'a [String], name: &str, forward: bool) -> Option<&'a String> {
    let last = names.len().checked_sub(1)?;
    let next = match (names.iter().position(|other| other == name), forward) {
        (None, _) => 0,
        (Some(at), true) => (at + 1) % names.len(),
        (Some(at), false) => at.checked_sub(1).unwrap_or(last),
    };
    names.get(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(pairs: &[(&str, &str)]) -> Option<StagedPart> {
        read(|name| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_address_names_the_part_and_how_it_is_shown() {
        assert_eq!(get(&[("view", "gap")]), None);
        let gap = |mode| Some((mode, "gap".to_owned()));
        assert_eq!(get(&[("present", "gap")]), gap(StageMode::Present));
        // A frame never becomes a presentation.
        let both = [("present", "x"), ("embed", "gap")];
        assert_eq!(get(&both), gap(StageMode::Embed));
    }

    #[test]
    fn other_parameters_stay() {
        let pairs = |names: &[&str]| {
            let pairs = names
                .iter()
                .map(|name| ((*name).to_owned(), "a b".to_owned()));
            pairs.collect::<Vec<_>>()
        };
        let part = Some((StageMode::Embed, "gap"));
        assert_eq!(
            query(pairs(&["view", "present"]), part),
            "?view=a+b&embed=gap"
        );
        assert_eq!(query(pairs(&["view", "embed"]), None), "?view=a+b");
        assert_eq!(query(pairs(&["embed"]), None), "");
        let staged = (StageMode::Present, "gap".to_owned());
        assert_eq!(kept("/".to_owned(), Some(&staged)), "/?present=gap");
        assert_eq!(
            kept("/?pair=1".to_owned(), Some(&staged)),
            "/?pair=1&present=gap"
        );
        assert_eq!(kept("/?pair=1".to_owned(), None), "/?pair=1");
    }

    #[test]
    fn steps_go_round() {
        let names = ["a", "b", "c"].map(str::to_owned);
        let next = |name, forward| step(&names, name, forward).map(String::as_str);
        assert_eq!((next("a", true), next("c", true)), (Some("b"), Some("a")));
        assert_eq!((next("b", false), next("a", false)), (Some("a"), Some("c")));
        assert_eq!(next("gone", true), Some("a"));
        assert_eq!(step(&[], "a", true), None);
    }
}
