//! Samples that are asked one at a time, in the playground or of questions about long texts: their
//! rows are kept in runs like all others. What was asked of one model about the same texts, at one
//! length and under one seed, is one run, which is paused: whoever resumes it has the rest asked.

use std::cell::RefCell;

use fathom_shared::api::{RunEvent, RunSpec, RunStatus};
use fathom_shared::engine::EngineKind;
use fathom_shared::longbench::{QuestionCard, extract};
use fathom_shared::prompt::PromptMode;
use fathom_shared::run::{RunGrid, SampleKey, ScoredTranscript};
use fathom_shared::score::score;
use fathom_shared::task::longbench_v2::{by_letters, setting, whole_answer};
use fathom_shared::task::{Metric, TaskSpec};
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{
    Completion, EngineInfo, Failure, FailureKind, FinishReason, Outcome, Timings, Transcript,
};

use super::super::{EngineWorker, say};
use super::exclusive_access::{add_run, alone, rows_file};
use super::kept_run::{AskedByHand, KeptRow, PageRun, RunHead};
use super::{opened, tell, tell_event, tell_run};
use crate::protocol::{
    BuildRequest, BuiltSample, EarlierAnswer, FromEngine, PageRunReply, QuestionAnswer,
    QuestionRequest,
};

/// What is kept of a sample besides its row.
pub(in crate::worker::engine) struct HandAsk {
    request: BuildRequest,
    texts: String,
    /// How many questions its set has, and what the row is to know of them.
    of: u32,
    asked: AskedByHand,
}

impl HandAsk {
    /// Of a sample that the page has built.
    pub(in crate::worker::engine) fn of(built: &BuiltSample) -> Self {
        let number = built.request.sample;
        let asked = built.question.as_ref();
        Self {
            request: built.request.clone(),
            texts: built.texts.clone(),
            of: asked.map_or(0, |asked| asked.of.max(number.saturating_add(1))),
            asked: AskedByHand {
                questions: asked.map(|asked| asked.source.sha256.clone()),
                cards: asked
                    .map(|asked| QuestionCard::new(number, &asked.question))
                    .into_iter()
                    .collect(),
            },
        }
    }

    /// The run that it would be alone.
    fn head(&self, engine: EngineInfo, context: Tokens) -> RunHead {
        let spec = self.request.spec.clone();
        // Of a set all questions can be asked, of a generator's samples this one was wanted.
        let (first, count) = match self.asked.questions {
            Some(_) => (0, self.of),
            None => (self.request.sample, 1),
        };
        RunHead {
            id: 0,
            run_spec: RunSpec {
                grid: RunGrid::of(spec, first, count),
                model: engine.model.clone(),
                engine: engine.engine.parse().unwrap_or(EngineKind::Wgpu),
                mode: self.request.mode,
                rope: None,
                texts: Some(self.texts.clone()),
                kv: None,
            },
            priority: 0,
            engine,
            context,
            created_ms: js_sys::Date::now() as i64,
            held: RunStatus::Paused,
            error: None,
            by_hand: Some(self.asked.clone()),
        }
    }
}

/// Keeps the row of a sample, in a new run if none fits. A row is not kept if the sample was
/// cancelled or never reached the model.
pub(in crate::worker::engine) async fn keep(
    bench: &RefCell<EngineWorker>,
    ask: HandAsk,
    row: &ScoredTranscript,
) {
    let left = match &row.transcript.outcome {
        Outcome::Failed(failure) => matches!(
            failure.kind,
            FailureKind::Cancelled | FailureKind::DeviceLost
        ),
        Outcome::Completed(_) => false,
    };
    let loaded = bench.borrow().loaded.clone();
    let Some(model) = loaded.filter(|_| !left && row.transcript.prompt_hash.is_some()) else {
        return;
    };
    opened(bench).await;
    let head = ask.head(model.engine, model.context);
    if let Err(message) = add(bench, &head, &ask.request, row).await {
        say(&FromEngine::Unkept { message });
    }
    tell(bench);
    tell_answers(bench);
}

async fn add(
    bench: &RefCell<EngineWorker>,
    head: &RunHead,
    request: &BuildRequest,
    row: &ScoredTranscript,
) -> Result<(), String> {
    let known = {
        let bench = bench.borrow();
        let mut heads = bench.runs.runs.values().map(|run| &run.head);
        let takes = heads.find(|known| (*known).clone().join(head));
        takes.map(|known| known.id)
    };
    let id = match known {
        Some(id) => id,
        None => add_run(bench, head.clone()).await?,
    };
    alone(bench, id, add_row(bench, id, head, request, row)).await
}

async fn add_row(
    bench: &RefCell<EngineWorker>,
    id: i64,
    asked: &RunHead,
    request: &BuildRequest,
    row: &ScoredTranscript,
) -> Result<(), String> {
    let mut file = rows_file(bench, id).await?;
    let (files, head, kept) = {
        let bench = bench.borrow();
        let run = bench.runs.get(id)?;
        let mut head = run.head.clone();
        head.join(asked);
        let cell = head.run_spec.grid.find(&request.spec);
        let place = SampleKey {
            cell: cell.ok_or_else(|| format!("Run page-{id} cannot take any more tasks."))?,
            sample: request.sample,
        };
        let kept = run.kept(place, row.clone(), js_sys::Date::now());
        (bench.runs.files()?, head, kept)
    };
    // A cell without rows is open; rows without their cell would be lost.
    files.save(&head).await?;
    file.add(&kept)?;
    let place = kept.place;
    if let Some(run) = bench.borrow_mut().runs.get_mut(id) {
        run.head = head;
        run.put(kept);
    }
    tell_run(bench, id);
    if let Ok(run) = bench.borrow().runs.get(id) {
        let rows = vec![run.row_view(place)];
        tell_event(id, run.seq(), RunEvent::Rows { rows });
    }
    Ok(())
}

/// Sends the page the answers, if the run contains any.
pub(super) fn tell_of(bench: &RefCell<EngineWorker>, id: i64) {
    let by_hand = |run: &PageRun| run.head.by_hand.is_some();
    if bench.borrow().runs.get(id).is_ok_and(by_hand) {
        tell_answers(bench);
    }
}

/// Sends the page every answer to a question that was asked on its own.
pub(super) fn tell_answers(bench: &RefCell<EngineWorker>) {
    let mut answers: Vec<QuestionAnswer> = {
        let bench = bench.borrow();
        let runs = bench.runs.runs.values();
        runs.flat_map(answers_of).collect()
    };
    answers.sort_by(|a, b| a.at_ms.total_cmp(&b.at_ms));
    say(&FromEngine::Answers { answers });
}

fn answers_of(run: &PageRun) -> Vec<QuestionAnswer> {
    let Some(set) = (run.head.by_hand.as_ref()).and_then(|asked| asked.questions.as_deref()) else {
        return Vec::new();
    };
    let specs: Vec<TaskSpec> = run.head.run_spec.grid.cells().collect();
    let rows = run.rows().filter_map(|row| {
        let spec = specs.get(row.place.cell as usize)?;
        let letters = by_letters(spec).ok()?;
        let response = match &row.row.transcript.outcome {
            Outcome::Completed(done) => Ok(done.text.clone()),
            Outcome::Failed(failure) => Err(failure.message.clone()),
        };
        Some(QuestionAnswer {
            run: run.head.id,
            set: set.to_owned(),
            number: row.place.sample,
            setting: setting(spec).ok()?,
            letters,
            length: spec.max_seq_length,
            model: run.head.run_spec.model.clone(),
            letter: response
                .as_ref()
                .ok()
                .and_then(|text| extract(&whole_answer(text, letters))),
            response,
            right: row
                .row
                .score
                .as_ref()
                .is_some_and(|score| score.value == 1.0),
            at_ms: row.at_ms,
        })
    });
    rows.collect()
}

/// Keeps the answers of an earlier version as rows of runs. The hash of their model, their prompts
/// and how long they took are not known: such a run is read, but not gone on with.
pub(super) async fn adopt(
    bench: &RefCell<EngineWorker>,
    answers: Vec<EarlierAnswer>,
) -> Result<PageRunReply, String> {
    let mut runs: Vec<(RunHead, Vec<(TaskSpec, EarlierAnswer)>)> = Vec::new();
    for answer in answers {
        let spec = QuestionRequest::spec(answer.setting, answer.letters, answer.length);
        let head = earlier_head(&answer, &spec);
        match runs
            .iter_mut()
            .find_map(|(known, rows)| known.join(&head).then_some(rows))
        {
            Some(rows) => rows.push((spec, answer)),
            None => runs.push((head, vec![(spec, answer)])),
        }
    }
    for (head, answers) in runs {
        let engine = head.engine.clone();
        let id = add_run(bench, head).await?;
        let mut file = rows_file(bench, id).await?;
        if let Some(run) = bench.borrow_mut().runs.get_mut(id) {
            let rows = answers.into_iter().filter_map(|(spec, answer)| {
                let cell = run.head.run_spec.grid.find(&spec)?;
                let place = SampleKey {
                    cell,
                    sample: answer.number,
                };
                let at_ms = answer.at_ms;
                Some(run.kept(place, earlier_row(answer, &engine), at_ms))
            });
            let rows: Vec<KeptRow> = rows.collect();
            file.put(&rows)?;
            run.read(rows);
        }
    }
    tell(bench);
    tell_answers(bench);
    Ok(PageRunReply::Adopted)
}

fn earlier_head(answer: &EarlierAnswer, spec: &TaskSpec) -> RunHead {
    let engine = EngineInfo {
        engine: EngineKind::Wgpu.to_string(),
        device: answer.device.clone(),
        model: answer.model.clone(),
        ..EngineInfo::default()
    };
    let ask = HandAsk {
        request: BuildRequest {
            spec: spec.clone(),
            sample: answer.number,
            mode: PromptMode::Chat,
        },
        texts: String::new(),
        of: answer.number.saturating_add(1),
        asked: AskedByHand {
            questions: Some(answer.set.clone()),
            cards: Vec::new(),
        },
    };
    RunHead {
        created_ms: answer.at_ms as i64,
        ..ask.head(engine, answer.length)
    }
}

fn earlier_row(answer: EarlierAnswer, engine: &EngineInfo) -> ScoredTranscript {
    let references = [answer.answer.as_str().to_owned()];
    let scored = |text: &str| {
        let whole = whole_answer(text, answer.letters);
        score(Metric::Letter, &whole, &references)
    };
    let score = answer.response.as_deref().ok().map(scored);
    let outcome = match answer.response {
        Ok(text) => Outcome::Completed(Completion {
            text,
            thinking: answer.thoughts,
            thinking_end_alone: false,
            options: Vec::new(),
            tokens: Tokens(0),
            finish: FinishReason::Stop,
            usage: None,
            timings: Timings::default(),
        }),
        Err(message) => Outcome::Failed(Failure {
            kind: FailureKind::Engine,
            message,
        }),
    };
    ScoredTranscript {
        transcript: Transcript {
            sample: answer.number,
            prompt_hash: None,
            prompt_tokens: None,
            engine: engine.clone(),
            outcome,
        },
        score,
    }
}
