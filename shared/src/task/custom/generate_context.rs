//! The `ctx` object that a script gets to make one prompt.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::LazyLock;

use rhai::{Array, Dynamic, Engine, ImmutableString};

use super::call_state::CallState;
use super::fault::{ScriptResult, refuse};
use super::haystack::{ByteMeter, Haystack, HaystackPiece};
use super::watch::lent;
use crate::corpora::Corpora;
use crate::corpora::word_lists::{self, ADJECTIVES, NOUNS, VERBS};
use crate::python_random::PythonRandom;
use crate::task::GeneratorContext;
use crate::task::ruler::haystack::NOISE;
use crate::task::ruler::streams::RandomStreams;
use crate::task::ruler::word_pairs::WordPairs;
use crate::text_source::TextSource;

/// What a script sees as `ctx`; copies share the same state.
#[derive(Clone)]
pub(super) struct GenerateContext(Rc<GenerateCall>);

/// One call of `generate`.
pub(super) struct GenerateCall {
    pub(super) number: u32,
    pub(super) seed: u32,
    pub(super) size: usize,
    /// Tokens available for instruction, context and question.
    pub(super) budget: u32,
    pub(super) streams: RefCell<RandomStreams>,
    pub(super) used: Rc<Cell<UsedTexts>>,
}

/// Which texts a script read.
#[derive(Clone, Copy, Default)]
pub(super) struct UsedTexts {
    words: bool,
    essay: bool,
    passages: bool,
}

impl UsedTexts {
    pub(super) fn sources(self, corpora: &Corpora) -> Vec<TextSource> {
        let words = self.words.then(word_lists::wonderwords);
        let essay = self.essay.then(|| corpora.essay().source.clone());
        let passages = self.passages.then(|| corpora.squad().source.clone());
        words.into_iter().chain(essay).chain(passages).collect()
    }
}

impl GenerateContext {
    pub(super) fn new(turn: GenerateCall) -> Self {
        Self(Rc::new(turn))
    }

    fn random<T>(&self, draw: impl FnOnce(&mut PythonRandom) -> T) -> T {
        draw(&mut self.0.streams.borrow_mut().python)
    }

    fn uses(&self, mark: impl FnOnce(&mut UsedTexts)) {
        let mut used = self.0.used.get();
        mark(&mut used);
        self.0.used.set(used);
    }

    /// A number from `low` to `high`, drawn as by CPython's `randint`, independent of the machine's
    /// word size.
    fn int(&self, low: i64, high: i64) -> ScriptResult<i64> {
        if low > high {
            return Err(refuse(format!("random_int({low}, {high}): none between")));
        }
        let below = u128::from(low.abs_diff(high)) + 1;
        let bits = u128::BITS - below.leading_zeros();
        let drawn = self.random(|random| {
            loop {
                let drawn = random.bits(bits);
                if drawn < below {
                    return drawn;
                }
            }
        });
        // The sum is at most `high`, so it does not overflow.
        Ok(low.wrapping_add_unsigned(drawn as u64))
    }

    fn pick(&self, items: &Array) -> ScriptResult<Dynamic> {
        if items.is_empty() {
            return Err(refuse("pick([]): the array is empty"));
        }
        Ok(items[self.random(|random| random.below(items.len()))].clone())
    }

    fn sample(&self, items: &Array, k: i64) -> ScriptResult<Array> {
        let wanted = count(k)?;
        let drawn = self.random(|random| random.sample(items.len(), wanted));
        let drawn = drawn.ok_or_else(|| {
            refuse(format!(
                "sample of {k} items: the array has {}",
                items.len()
            ))
        })?;
        Ok(drawn.into_iter().map(|i| items[i].clone()).collect())
    }

    fn listed(&self, list: &[&'static str]) -> ImmutableString {
        self.uses(|used| used.words = true);
        list[self.random(|random| random.below(list.len()))].into()
    }

    fn pair(&self) -> ImmutableString {
        self.uses(|used| used.words = true);
        let pairs = WordPairs::bundled();
        let drawn = self.random(|random| random.below(pairs.len()));
        pairs.get(drawn).unwrap_or_default().into()
    }

    /// `n` sentences of the essay, from its start, repeating it if necessary.
    fn essay(&self, n: i64, meter: &ByteMeter) -> ScriptResult<Haystack> {
        self.uses(|used| used.essay = true);
        let n = count(n)?;
        borrowed(|generator_context| {
            let essay = generator_context.corpora.essay();
            let sentences = essay.first(essay.len(), false);
            let all: Vec<&str> = sentences.iter().collect();
            filled(all.into_iter().cycle().take(n), meter)
        })?
    }

    /// `n` passages of the question set; none is repeated before all have been used.
    fn passages(&self, n: i64, meter: &ByteMeter) -> ScriptResult<Haystack> {
        self.uses(|used| used.passages = true);
        let n = count(n)?;
        borrowed(|generator_context| {
            let mut all: Vec<&String> = generator_context.corpora.squad().passages.iter().collect();
            self.random(|random| random.shuffle(&mut all));
            filled(all.into_iter().map(String::as_str).cycle().take(n), meter)
        })?
    }

    fn hide(&self, hay: Dynamic, hidden: Dynamic, meter: &ByteMeter) -> ScriptResult<Haystack> {
        let (hay, hidden) = (whole(hay, meter)?, whole(hidden, meter)?);
        let streams = self.0.streams.borrow();
        hay.hiding(&hidden, meter, |n| streams.depths(n).unwrap_or_default())
    }
}

static NOUN: LazyLock<Vec<&str>> = LazyLock::new(|| lines(NOUNS));
static ADJECTIVE: LazyLock<Vec<&str>> = LazyLock::new(|| lines(ADJECTIVES));
static VERB: LazyLock<Vec<&str>> = LazyLock::new(|| lines(VERBS));

fn lines(text: &'static str) -> Vec<&'static str> {
    text.lines().map(str::trim_end).collect()
}

/// Registers `ctx` and haystacks with the engine.
pub(super) fn register(engine: &mut Engine, call_state: &Rc<CallState>) {
    engine
        .register_type_with_name::<GenerateContext>("ctx")
        .register_get("size", |ctx: &mut GenerateContext| whole_number(ctx.0.size))
        .register_get("number", |ctx: &mut GenerateContext| {
            i64::from(ctx.0.number)
        })
        .register_get("seed", |ctx: &mut GenerateContext| i64::from(ctx.0.seed))
        .register_get("budget", |ctx: &mut GenerateContext| {
            i64::from(ctx.0.budget)
        })
        .register_fn("tokens", |_: &mut GenerateContext, text: &str| {
            borrowed(|generator_context| i64::from(generator_context.counter.count(text).0))
        })
        .register_fn("random", |ctx: &mut GenerateContext| {
            ctx.random(PythonRandom::random)
        })
        .register_fn(
            "random_int",
            |ctx: &mut GenerateContext, low: i64, high: i64| ctx.int(low, high),
        )
        .register_fn("pick", |ctx: &mut GenerateContext, items: Array| {
            ctx.pick(&items)
        })
        .register_fn(
            "sample",
            |ctx: &mut GenerateContext, items: Array, k: i64| ctx.sample(&items, k),
        )
        .register_fn("shuffle", |ctx: &mut GenerateContext, mut items: Array| {
            ctx.random(|random| random.shuffle(&mut items));
            items
        })
        .register_fn("uuid", |ctx: &mut GenerateContext| {
            ctx.random(PythonRandom::uuid4)
        })
        .register_fn("word", |ctx: &mut GenerateContext| ctx.pair())
        .register_fn("noun", |ctx: &mut GenerateContext| ctx.listed(&NOUN))
        .register_fn("adjective", |ctx: &mut GenerateContext| {
            ctx.listed(&ADJECTIVE)
        })
        .register_fn("verb", |ctx: &mut GenerateContext| ctx.listed(&VERB));
    let metered = || Rc::clone(call_state);
    let call_state = metered();
    engine.register_fn(
        "shuffle",
        move |ctx: &mut GenerateContext, hay: Haystack| {
            hay.ordered(&call_state.meter, |pieces| {
                ctx.random(|random| random.shuffle(pieces));
            })
        },
    );
    let call_state = metered();
    engine.register_fn("essay", move |ctx: &mut GenerateContext, n: i64| {
        ctx.essay(n, &call_state.meter)
    });
    let call_state = metered();
    engine.register_fn("passages", move |ctx: &mut GenerateContext, n: i64| {
        ctx.passages(n, &call_state.meter)
    });
    let call_state = metered();
    engine.register_fn("noise", move |_: &mut GenerateContext, n: i64| {
        filled(std::iter::repeat_n(NOISE, count(n)?), &call_state.meter)
    });
    let call_state = metered();
    engine.register_fn(
        "hide",
        move |ctx: &mut GenerateContext, hay: Dynamic, hidden: Dynamic| {
            ctx.hide(hay, hidden, &call_state.meter)
        },
    );
    let call_state = metered();
    engine
        .register_type_with_name::<Haystack>("haystack")
        .register_fn("haystack", |_: &mut GenerateContext| Haystack::default())
        .register_fn("push", move |hay: &mut Haystack, value: Dynamic| {
            hay.push(value, &call_state.meter)
        })
        .register_get("len", |hay: &mut Haystack| whole_number(hay.len()))
        .register_fn("len", |hay: &mut Haystack| whole_number(hay.len()))
        .register_indexer_get(|hay: &mut Haystack, index: i64| {
            let text = usize::try_from(index).ok().and_then(|i| hay.text(i));
            text.ok_or_else(|| refuse(format!("no piece {index}: there are {}", hay.len())))
        });
}

/// Makes a haystack from `value`: a piece, a haystack, or an array of these.
pub(super) fn whole(value: Dynamic, meter: &ByteMeter) -> ScriptResult<Haystack> {
    let mut hay = Haystack::default();
    hay.push(value, meter)?;
    Ok(hay)
}

fn filled<'t>(texts: impl Iterator<Item = &'t str>, meter: &ByteMeter) -> ScriptResult<Haystack> {
    let mut hay = Haystack::default();
    for text in texts {
        hay.add(HaystackPiece::plain(text), meter)?;
    }
    Ok(hay)
}

fn borrowed<T>(read: impl FnOnce(GeneratorContext<'_>) -> T) -> ScriptResult<T> {
    lent(read).ok_or_else(|| refuse("there is no prompt to make"))
}

fn count(n: i64) -> ScriptResult<usize> {
    usize::try_from(n).map_err(|_| refuse(format!("{n} is not a valid count")))
}

fn whole_number(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
