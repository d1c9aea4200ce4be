//! Reads tokens, and gives what is asked of the logits that follow: all of them, the likeliest tokens,
//! or the log-probabilities of some. Of the last two only the answer leaves the adapter.

use std::sync::atomic::{AtomicBool, Ordering};

use super::llama::PendingTokens;
use super::{Session, SessionError};
use crate::generation::{EachLogits, ModelStop};
use crate::model::sampler::{GreedyToken, are_numbers};

/// Tokens to read, and who hears of it.
struct ReadCall<'a> {
    ids: &'a [u32],
    /// Tokens that the cache held before.
    before: usize,
    cancel: &'a AtomicBool,
    done: &'a mut dyn FnMut(usize),
    each: Option<EachLogits<'a>>,
    /// Tokens whose logits `each` has received.
    told: usize,
    /// Tokens that were read together last.
    batch: usize,
}

impl Session {
    /// The logits that follow the last of `ids`, as
    /// [`read`](crate::generation::LanguageModel::read) says.
    pub(super) async fn read_logits<'a>(
        &mut self,
        ids: &'a [u32],
        cancel: &'a AtomicBool,
        done: &'a mut dyn FnMut(usize),
        each: Option<EachLogits<'a>>,
    ) -> Result<Vec<f32>, ModelStop> {
        let mut call = self.begin(ids, cancel, done);
        call.each = each;
        let read = async |session: &mut Self| {
            let Some(last) = session.read_all(&mut call).await? else {
                return Ok(None);
            };
            let logits = session.llama.logits(&session.gpu, last).await?;
            if !are_numbers(&logits) {
                return Ok(None);
            }
            if let Some(each) = &mut call.each {
                each(&logits);
            }
            session.end(&mut call);
            Ok(Some(logits))
        };
        let read = self.surviving(cancel, read).await?;
        self.numbers(read, call.batch).await
    }

    /// The likeliest tokens after the last of `ids`, as
    /// [`read_greedy`](crate::generation::LanguageModel::read_greedy) says.
    pub(super) async fn next_tokens(
        &mut self,
        ids: &[u32],
        (most, top): (usize, usize),
        cancel: &AtomicBool,
        done: &mut dyn FnMut(usize),
    ) -> Result<Vec<GreedyToken>, ModelStop> {
        let mut call = self.begin(ids, cancel, done);
        let read = async |session: &mut Self| {
            if let [id] = ids {
                let written = session.decode(*id, (most, top), cancel).await?;
                if !written.is_empty() {
                    (call.done)(1);
                    return Ok(Some(written));
                }
            }
            let Some(last) = session.read_all(&mut call).await? else {
                return Ok(None);
            };
            let likeliest = session.llama.likeliest(&session.gpu, last, top).await?;
            Ok(likeliest.map(|token| {
                session.end(&mut call);
                vec![token]
            }))
        };
        let read = self.surviving(cancel, read).await?;
        self.numbers(read, call.batch).await
    }

    /// The log-probabilities of the tokens `next` after the last of `ids`, as
    /// [`read_logprobs`](crate::generation::LanguageModel::read_logprobs) says.
    pub(super) async fn next_logprobs(
        &mut self,
        (ids, next): (&[u32], &[u32]),
        cancel: &AtomicBool,
        done: &mut dyn FnMut(usize),
    ) -> Result<Vec<f64>, ModelStop> {
        let mut call = self.begin(ids, cancel, done);
        let read = async |session: &mut Self| {
            let Some(last) = session.read_all(&mut call).await? else {
                return Ok(None);
            };
            let logprobs = session.llama.logprobs(&session.gpu, last, next).await?;
            Ok(logprobs.inspect(|_| session.end(&mut call)))
        };
        let read = self.surviving(cancel, read).await?;
        self.numbers(read, call.batch).await
    }

    fn begin<'a>(
        &mut self,
        ids: &'a [u32],
        cancel: &'a AtomicBool,
        done: &'a mut dyn FnMut(usize),
    ) -> ReadCall<'a> {
        self.held.begin();
        ReadCall {
            ids,
            before: self.held.len(),
            cancel,
            done,
            each: None,
            told: 0,
            batch: 0,
        }
    }

    /// Reads what is left of the call's tokens, and returns the last of them pending; `None` where the
    /// logits of one are no numbers.
    async fn read_all(
        &mut self,
        call: &mut ReadCall<'_>,
    ) -> Result<Option<PendingTokens>, SessionError> {
        loop {
            let start = self.held.len();
            let read = start - call.before;
            let left = call.ids.len() - read;
            call.batch = self.llama.together(left, read, start);
            let tokens = &call.ids[read..read + call.batch];
            let pending = self.llama.forward(&self.gpu, tokens, start, call.cancel);
            let mut pending = pending.await?;
            let is_last = call.batch == left;
            if call.each.is_some() {
                pending = self.llama.settle(&self.gpu, pending).await?;
                // Those of the very last token are asked for in any case.
                let rows = call.batch - usize::from(is_last);
                if !self.tell_each(call, read, rows).await? {
                    return Ok(None);
                }
            }
            if is_last {
                return Ok(Some(pending));
            }
            self.llama.settle(&self.gpu, pending).await?;
            self.held.extend(tokens);
            (call.done)(read + tokens.len());
        }
    }

    /// Passes on the logits of the first `rows` tokens of a batch, `read` tokens after the first of
    /// the call, unless they were before a loss; false where they are no numbers.
    async fn tell_each(
        &mut self,
        call: &mut ReadCall<'_>,
        read: usize,
        rows: usize,
    ) -> Result<bool, SessionError> {
        let ReadCall { each, told, .. } = call;
        for row in (*told).saturating_sub(read)..rows {
            let logits = self.llama.logits_at(&self.gpu, row).await?;
            if !are_numbers(&logits) {
                return Ok(false);
            }
            if let Some(each) = each {
                each(&logits);
            }
            *told = read + row + 1;
        }
        Ok(true)
    }

    /// All of the call's tokens are read.
    fn end(&mut self, call: &mut ReadCall<'_>) {
        let read = self.held.len() - call.before;
        self.held.extend(&call.ids[read..]);
        (call.done)(call.ids.len());
    }

    /// Reads the token `id` and writes several in one submission, at most `most`; none where the pace
    /// does not allow for two, or the first logits are no numbers.
    async fn decode(
        &mut self,
        id: u32,
        (most, top): (usize, usize),
        cancel: &AtomicBool,
    ) -> Result<Vec<GreedyToken>, SessionError> {
        let start = self.held.len();
        let steps = self.llama.steps(start, most);
        if cancel.load(Ordering::Relaxed) {
            return Err(SessionError::Cancelled);
        }
        if steps < 2 {
            return Ok(Vec::new());
        }
        let order = (steps, top);
        let written = self.llama.decode(&self.gpu, id, start, order).await?;
        if let Some((_last, read)) = written.split_last() {
            self.held.extend_singly(&[id]);
            read.iter()
                .for_each(|token| self.held.extend_singly(&[token.id]));
        }
        Ok(written)
    }

    /// What was read; or the part of the model that gives something other than numbers for the `batch`
    /// tokens read last.
    async fn numbers<T>(&self, read: Option<T>, batch: usize) -> Result<T, ModelStop> {
        match read {
            Some(read) => Ok(read),
            None => {
                let keys = self.held.len() + batch;
                let place = self.llama.first_without_numbers(&self.gpu, batch, keys);
                Err(ModelStop::not_numbers(&place.await?))
            }
        }
    }
}
