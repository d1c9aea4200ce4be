//! What the page shows, as its address says it. Pure.

use fathom_shared::longbench::{
    AnswerVerdict, Difficulty, LengthClass, LongBenchSetting, QuestionCard,
};
use fathom_shared::tokens::Tokens;

use crate::pages::query::query;
use crate::state::library::QuestionOrigin;

/// Whose answers questions are sorted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum OutcomeSource {
    /// Those of this browser.
    Here,
    /// Those of a cell of a run on the server.
    Run {
        /// The run.
        run: i64,
        /// Its cell.
        cell: u32,
    },
}

/// What has become of a question, for sorting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum QuestionOutcome {
    /// The right letter.
    Right,
    /// Another letter, or none.
    Wrong,
    /// No answer came.
    Failed,
    /// Not asked yet.
    Open,
}

impl QuestionOutcome {
    pub(super) const ALL: [Self; 4] = [Self::Right, Self::Wrong, Self::Failed, Self::Open];

    /// The word in the address.
    pub(super) fn name(self) -> &'static str {
        ["right", "wrong", "failed", "open"][self as usize]
    }

    /// For people.
    pub(super) fn says(self) -> &'static str {
        [
            "answered correctly",
            "answered incorrectly or without a letter",
            "failed",
            "not asked",
        ][self as usize]
    }
}

impl From<AnswerVerdict> for QuestionOutcome {
    fn from(verdict: AnswerVerdict) -> Self {
        match verdict {
            AnswerVerdict::Right => Self::Right,
            AnswerVerdict::Wrong | AnswerVerdict::Unparsed => Self::Wrong,
            AnswerVerdict::Failed => Self::Failed,
        }
    }
}

/// What the page shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct LongBenchQuery {
    /// Whose questions; without, the server's where it has the dataset, else those of the page.
    pub(super) from: Option<QuestionOrigin>,
    /// Those of one domain.
    pub(super) domain: Option<String>,
    /// Those of one difficulty.
    pub(super) difficulty: Option<Difficulty>,
    /// Those with a text of one class of length.
    pub(super) length: Option<LengthClass>,
    /// Those with these words in the question or its options.
    pub(super) words: String,
    /// Whose answers.
    pub(super) by: OutcomeSource,
    /// Those of which this has become.
    pub(super) fate: Option<QuestionOutcome>,
    /// The open question.
    pub(super) number: Option<u32>,
    /// Whether the right answer is shown.
    pub(super) shown: bool,
    /// The byte of its text that is looked at.
    pub(super) at: Option<u32>,
    /// What is searched in its text.
    pub(super) find: String,
    /// How it is put.
    pub(super) setting: LongBenchSetting,
    /// Whether the likeliest letter is taken too.
    pub(super) letters: bool,
    /// Prompt and answer together, as typed.
    pub(super) limit: String,
}

/// Prompt and answer, where nothing else is said: what the model of a first visit reads.
const LIMIT: &str = "8192";

impl Default for LongBenchQuery {
    fn default() -> Self {
        Self {
            from: None,
            domain: None,
            difficulty: None,
            length: None,
            words: String::new(),
            by: OutcomeSource::Here,
            fate: None,
            number: None,
            shown: false,
            at: None,
            find: String::new(),
            setting: LongBenchSetting::Direct,
            letters: false,
            limit: LIMIT.to_owned(),
        }
    }
}

impl LongBenchQuery {
    /// From the address; what it says wrongly is left out.
    pub(super) fn from_query(get: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name| get(name).filter(|text| !text.is_empty());
        let by = text("by").and_then(|by| {
            let (run, cell) = by.split_once('.')?;
            Some(OutcomeSource::Run {
                run: run.parse().ok()?,
                cell: cell.parse().ok()?,
            })
        });
        let named = |name: String| {
            QuestionOrigin::ALL
                .into_iter()
                .find(|one| one.name() == name)
        };
        let fate = |name: String| {
            QuestionOutcome::ALL
                .into_iter()
                .find(|one| one.name() == name)
        };
        Self {
            from: text("from").and_then(named),
            domain: text("domain"),
            difficulty: text("difficulty").and_then(|word| word.parse().ok()),
            length: text("length").and_then(|word| word.parse().ok()),
            words: text("words").unwrap_or_default(),
            by: by.unwrap_or(OutcomeSource::Here),
            fate: text("answers").and_then(fate),
            number: text("question").and_then(|number| number.parse().ok()),
            shown: text("answer").is_some(),
            at: text("at").and_then(|at| at.parse().ok()),
            find: text("find").unwrap_or_default(),
            setting: text("setting")
                .and_then(|setting| setting.parse().ok())
                .unwrap_or_default(),
            letters: text("letters").is_some(),
            limit: text("limit").unwrap_or_else(|| LIMIT.to_owned()),
        }
    }

    /// As the address says it.
    pub(super) fn to_query(&self) -> String {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        let mut put = |name, value: Option<String>| {
            pairs.extend(value.filter(|value| !value.is_empty()).map(|v| (name, v)));
        };
        put("from", self.from.map(|from| from.name().to_owned()));
        put("domain", self.domain.clone());
        put("difficulty", self.difficulty.map(|one| one.to_string()));
        put("length", self.length.map(|one| one.to_string()));
        put("words", Some(self.words.clone()));
        if let OutcomeSource::Run { run, cell } = self.by {
            put("by", Some(format!("{run}.{cell}")));
        }
        put("answers", self.fate.map(|fate| fate.name().to_owned()));
        put("question", self.number.map(|number| number.to_string()));
        put("answer", self.shown.then(|| "shown".to_owned()));
        put("at", self.at.map(|at| at.to_string()));
        put("find", Some(self.find.clone()));
        let setting = (self.setting != LongBenchSetting::Direct).then(|| self.setting.to_string());
        put("setting", setting);
        put("letters", self.letters.then(|| "too".to_owned()));
        put(
            "limit",
            Some(self.limit.clone()).filter(|limit| limit != LIMIT),
        );
        query(&pairs)
    }

    /// With question `number` open at its beginning.
    pub(super) fn open(&self, from: QuestionOrigin, number: Option<u32>) -> Self {
        Self {
            from: Some(from),
            number,
            shown: false,
            at: None,
            find: String::new(),
            ..self.clone()
        }
    }

    /// The tokens that prompt and answer may have.
    ///
    /// # Errors
    /// A sentence for the field.
    pub(super) fn limit(&self) -> Result<Tokens, String> {
        let room = self.setting.rooms()[0];
        let limit = self.limit.trim().parse().ok().map(Tokens);
        limit
            .filter(|limit| *limit > room && limit.0 <= 1 << 22)
            .ok_or_else(|| {
                let got = self.limit.trim();
                format!(
                    "Got “{got}”, expected a number above {room}, the tokens reserved for the answer."
                )
            })
    }

    /// Whether a question is shown in the list; `fate` is what has become of it.
    pub(super) fn keeps(&self, card: &QuestionCard, fate: QuestionOutcome) -> bool {
        let is = |wanted: Option<bool>| wanted.unwrap_or(true);
        let words = self.words.trim().to_lowercase();
        let found = |text: &str| text.to_lowercase().contains(&words);
        is(self.domain.as_ref().map(|domain| *domain == card.domain))
            && is(self.difficulty.map(|one| one == card.difficulty))
            && is(self.length.map(|one| one == card.length))
            && is(self.fate.map(|one| one == fate))
            && (words.is_empty()
                || found(&card.question)
                || found(&card.id)
                || found(&card.sub_domain)
                || card.choices.iter().any(|choice| found(choice)))
    }
}

#[cfg(test)]
mod tests {
    use fathom_shared::longbench::bundled;

    use super::*;
    use crate::pages::query::parameters;

    fn read(query: &str) -> LongBenchQuery {
        LongBenchQuery::from_query(parameters(query))
    }

    #[test]
    fn the_address_holds_all_of_it() {
        assert_eq!(LongBenchQuery::default().to_query(), "");
        assert_eq!(read(""), LongBenchQuery::default());
        let look = LongBenchQuery {
            from: Some(QuestionOrigin::Server),
            domain: Some("Single-Document QA".to_owned()),
            difficulty: Some(Difficulty::Hard),
            length: Some(LengthClass::Long),
            words: "who & why".to_owned(),
            by: OutcomeSource::Run { run: 7, cell: 2 },
            fate: Some(QuestionOutcome::Failed),
            number: Some(11),
            shown: true,
            at: Some(4_000_000),
            find: "harbour of Vell".to_owned(),
            setting: LongBenchSetting::Rag { top: 8 },
            letters: true,
            limit: "120128".to_owned(),
        };
        assert_eq!(read(&look.to_query()), look);
        assert_eq!(
            read("?by=x&question=-1&setting=rag:0&answers=?"),
            LongBenchQuery::default()
        );
    }

    #[test]
    fn another_question_is_opened_at_its_beginning() {
        let look = read("?question=1&answer=shown&at=9&find=x&setting=cot&words=y");
        let next = look.open(QuestionOrigin::Samples, Some(2));
        assert_eq!(
            next.to_query(),
            "?from=samples&words=y&question=2&setting=cot"
        );
    }

    #[test]
    fn limits_are_checked() {
        let limit =
            |limit: &str, setting: &str| read(&format!("?limit={limit}&setting={setting}")).limit();
        assert_eq!(limit("512", "direct"), Ok(Tokens(512)));
        assert!(limit("512", "cot").unwrap_err().contains("above 1024"));
        assert!(limit("many", "direct").is_err());
    }

    #[test]
    fn questions_are_filtered() {
        let set = bundled();
        let count = |query: &str| {
            let look = read(query);
            let kept = set
                .cards()
                .iter()
                .filter(|card| look.keeps(card, QuestionOutcome::Open));
            kept.count()
        };
        assert_eq!(count(""), 24);
        assert_eq!(count("?difficulty=hard"), 12);
        assert_eq!(count("?difficulty=hard&length=long"), 6);
        assert_eq!(count("?domain=Multi-Document+QA"), 4);
        assert_eq!(count("?answers=open"), 24);
        assert_eq!(count("?answers=right"), 0);
        assert_eq!(count("?words=FATHOM-CODE"), 4);
        assert_eq!(count("?words=no+such+words"), 0);
    }
}
