//! What the page wants of the runs that this browser keeps.

use std::cell::RefCell;
use std::rc::Rc;

use fathom_shared::api::{NewRun, RowDetail, RunEstimate, RunStatus};
use fathom_shared::longbench::QuestionCard;
use fathom_shared::results::{ResultOrigin, ResultSet, ResultSetInfo, of_run};
use fathom_shared::run::{SampleKey, made_again};
use fathom_shared::task::GeneratorContext;
use fathom_shared::transcript::EngineInfo;
use wasm_bindgen::JsValue;

use super::super::{EngineWork, EngineWorker, sleep};
use super::exports::export;
use super::kept_run::{PageRun, RunHead};
use super::made_with::{MadeWith, guarded};
use super::serve::rows_file;
use super::{opened, tell, tell_run, view, wake};
use crate::protocol::{FromEngine, LoadedModel, PageRunCall, PageRunReply, RunAction};

/// Does what is wanted and says what came of it.
pub(in crate::worker::engine) async fn hear(
    bench: Rc<RefCell<EngineWorker>>,
    ticket: u32,
    call: PageRunCall,
) {
    opened(&bench).await;
    let mut beside = JsValue::UNDEFINED;
    let outcome = match call {
        PageRunCall::Order { new } => order(&bench, *new).await,
        PageRunCall::Estimate { new } => Ok(estimate(&bench, &new)),
        PageRunCall::Watch { id } => {
            let events = watch(&bench, id).await;
            wake(&bench);
            events
        }
        PageRunCall::Act { id, action } => act(&bench, id, action).await,
        PageRunCall::Row { id, place } => row(&bench, id, place).await,
        PageRunCall::Results { id } => results(&bench, id),
        PageRunCall::Export { id, program } => export(&bench, id, &program, &mut beside).await,
        PageRunCall::Delete { id } => delete(&bench, id).await,
    };
    let outcome = outcome.map(Box::new);
    super::super::super::say(&FromEngine::RunReply { ticket, outcome }, &beside);
}

async fn order(bench: &Rc<RefCell<EngineWorker>>, new: NewRun) -> Result<PageRunReply, String> {
    let NewRun {
        mut order,
        priority,
    } = new;
    order.grid.check().map_err(|error| format!("{error}."))?;
    let (head, files) = {
        let mut bench = bench.borrow_mut();
        let LoadedModel {
            engine, context, ..
        } = bench
            .loaded
            .clone()
            .ok_or("No model is loaded in this browser.")?;
        if order.model != engine.model {
            return Err(format!(
                "The order is for the model {}, but {} is loaded in this browser.",
                order.model, engine.model
            ));
        }
        let corpora = bench.runs.corpora();
        order.texts = Some(MadeWith::texts(&corpora, &order));
        let last = bench.runs.runs.keys().next_back();
        let head = RunHead {
            id: last.map_or(1, |last| last + 1),
            order,
            priority,
            engine,
            context,
            created_ms: js_sys::Date::now() as i64,
            held: RunStatus::Queued,
            error: None,
        };
        (head, bench.runs.files()?)
    };
    // Another tab may have ordered one as well.
    let taken = files.ids().await.into_iter().max().unwrap_or_default();
    let head = RunHead {
        id: head.id.max(taken + 1),
        ..head
    };
    files.add(&head).await?;
    let run = PageRun::new(head, Vec::new());
    let told = Box::new(run.view());
    bench.borrow_mut().runs.runs.insert(told.id, run);
    tell(bench);
    wake(bench);
    Ok(PageRunReply::Run(told))
}

fn estimate(bench: &RefCell<EngineWorker>, new: &NewRun) -> PageRunReply {
    let plan = new.order.grid.plan();
    let bench = bench.borrow();
    let model = bench
        .loaded
        .as_ref()
        .map(|model| &model.engine.model_sha256);
    let runs = bench.runs.runs.values();
    let same = runs.filter(|run| Some(&run.head.engine.model_sha256) == model);
    let paces = same.map(PageRun::pace);
    let (pace_n, tokens, ms) = paces.fold((0, 0.0, 0.0), |all, one| {
        (all.0 + one.0, all.1 + one.1, all.2 + one.2)
    });
    PageRunReply::Estimate(Box::new(RunEstimate {
        samples: new.order.grid.asked(),
        prompt_tokens: plan.prompt_tokens,
        answer_tokens: plan.answer_tokens,
        memory_bytes: None,
        free_bytes: None,
        ms: (tokens > 0.0).then(|| ms / tokens * (plan.prompt_tokens + plan.answer_tokens) as f64),
        pace_n,
        cost: None,
        room: None,
    }))
}

async fn watch(bench: &RefCell<EngineWorker>, id: i64) -> Result<PageRunReply, String> {
    let files = bench.borrow().runs.files()?;
    let here = bench.borrow().runs.get(id)?.served;
    // Another tab may be at it.
    if let (false, Ok(rows)) = (here, files.rows(id).await) {
        let mut bench = bench.borrow_mut();
        let run = bench.runs.get_mut(id);
        if let Some(run) = run.filter(|run| !run.served && !run.changing) {
            run.read(rows);
            run.waits = None;
        }
    }
    let bench = bench.borrow();
    let run = bench.runs.get(id)?;
    let mut events = run.events();
    let told = Box::new(view(&bench, run));
    events[0] = fathom_shared::api::RunEvent::Run { run: told };
    Ok(PageRunReply::Events(events))
}

async fn act(
    bench: &Rc<RefCell<EngineWorker>>,
    id: i64,
    action: RunAction,
) -> Result<PageRunReply, String> {
    let acted = alone(bench, id, change(bench, id, action)).await;
    tell_run(bench, id);
    tell(bench);
    wake(bench);
    acted?;
    let bench = bench.borrow();
    let told = view(&bench, bench.runs.get(id)?);
    Ok(PageRunReply::Run(Box::new(told)))
}

/// Does `work` to a run while nothing else that the page wants changes it and nobody begins to
/// answer it.
async fn alone(
    bench: &RefCell<EngineWorker>,
    id: i64,
    work: impl Future<Output = Result<(), String>>,
) -> Result<(), String> {
    let taken = || {
        let mut bench = bench.borrow_mut();
        bench.runs.get(id)?;
        let run = bench.runs.get_mut(id).filter(|run| !run.changing);
        Ok::<_, String>(run.map(|run| run.changing = true).is_some())
    };
    while !taken()? {
        sleep(10).await;
    }
    let done = work.await;
    if let Some(run) = bench.borrow_mut().runs.get_mut(id) {
        run.changing = false;
    }
    done
}

/// Does something to a run, in the storage and then here. One that another tab answers is that
/// tab's.
async fn change(bench: &RefCell<EngineWorker>, id: i64, action: RunAction) -> Result<(), String> {
    let (files, served) = {
        let bench = bench.borrow();
        (bench.runs.files()?, bench.runs.get(id)?.served)
    };
    let mut rows = match (served, action) {
        (true, RunAction::Retry) => {
            return Err(
                "The run is being answered; retry its failures when it is done.".to_owned(),
            );
        }
        (true, _) => None,
        (false, _) => Some(rows_file(bench, id).await?),
    };
    let (before, head) = {
        let mut bench = bench.borrow_mut();
        let run = bench.runs.get_mut(id).ok_or("The run is gone.")?;
        let mut changed = run.clone();
        if let (true, Some(rows)) = (changed.act(action), &mut rows) {
            rows.put(changed.rows())?;
        }
        let before = run.head.clone();
        *run = changed;
        let (head, stops) = (run.head.clone(), run.served && action == RunAction::Cancel);
        if let (true, Some(EngineWork::Run(cancel))) = (stops, &bench.work) {
            cancel.raise();
        }
        (before, head)
    };
    let saved = files.save(&head).await;
    let mut bench = bench.borrow_mut();
    let run = bench.runs.get_mut(id).filter(|run| run.head == head);
    if let (Err(_), Some(run)) = (&saved, run) {
        run.head = before;
    }
    saved
}

async fn row(
    bench: &RefCell<EngineWorker>,
    id: i64,
    place: SampleKey,
) -> Result<PageRunReply, String> {
    let (head, row, scored) = {
        let bench = bench.borrow();
        let run = bench.runs.get(id)?;
        let scored = run.row(place).map(|row| row.row.clone());
        (run.head.clone(), run.row_view(place), scored)
    };
    let spec = head.order.grid.cell(place.cell);
    let spec = spec.ok_or_else(|| format!("Run page-{id} has no cell {}.", place.cell))?;
    let made = match made_with(bench, &head.engine).await {
        Ok(made_with) => {
            let kit = GeneratorContext {
                counter: &made_with.tokenizer.counter,
                corpora: &made_with.corpora,
            };
            let (mode, dialogue) = (head.order.mode, &made_with.tokenizer.dialogue);
            let asked = scored.as_ref();
            let asked = asked.and_then(|scored| scored.transcript.prompt_hash.as_deref());
            guarded(|| made_again(&spec, place.sample, mode, dialogue, kit, asked))
        }
        Err(why) => Err(why),
    };
    let (made, unmade) = match made {
        Ok(made) => (Some(made), None),
        Err(why) => (None, Some(why)),
    };
    Ok(PageRunReply::Row(Box::new(RowDetail {
        row,
        spec,
        scored,
        made,
        unmade,
    })))
}

/// What the samples of a model's runs are made with, be it loaded or only stored.
pub(super) async fn made_with(
    bench: &RefCell<EngineWorker>,
    info: &EngineInfo,
) -> Result<MadeWith, String> {
    let (files, corpora) = {
        let mut bench = bench.borrow_mut();
        if let Some(known) = bench.runs.known(&info.model_sha256) {
            return Ok(known);
        }
        (bench.runs.files()?, bench.runs.corpora())
    };
    let (name, sha256) = (&info.model, &info.model_sha256);
    let made_with = MadeWith::of_stored(name, sha256, files.storage(), corpora).await?;
    bench.borrow_mut().runs.tokenizer = Some((sha256.clone(), made_with.clone()));
    Ok(made_with)
}

fn results(bench: &RefCell<EngineWorker>, id: i64) -> Result<PageRunReply, String> {
    let mut bench = bench.borrow_mut();
    let corpora = bench.runs.corpora();
    let run = bench.runs.get(id)?;
    let set = result_set(run, corpora.questions().cards(), {
        let here = MadeWith::texts(&corpora, &run.head.order);
        run.head.order.texts.as_deref() == Some(&*here)
    });
    let json = serde_json::to_string(&set).map_err(|error| error.to_string())?;
    Ok(PageRunReply::Results(json))
}

/// What a run came to; `same` says whether it was made of the questions of `cards`.
fn result_set(run: &PageRun, cards: &[QuestionCard], same: bool) -> ResultSet {
    let head = &run.head;
    let about = ResultSetInfo {
        name: format!("run page-{}", head.id),
        model: head.order.model.clone(),
        origin: ResultOrigin::PageRun {
            id: head.id,
            engine: head.order.engine.to_string(),
            created_ms: head.created_ms,
            window: Some(head.context),
        },
    };
    let cards = if same { cards } else { &[] };
    let rows = run.rows().map(|row| (row.place, row.row.score.clone()));
    of_run(about, &head.order.grid, cards, rows)
}

async fn delete(bench: &Rc<RefCell<EngineWorker>>, id: i64) -> Result<PageRunReply, String> {
    let deleted = alone(bench, id, async {
        let files = bench.borrow().runs.files()?;
        if bench.borrow().runs.get(id)?.served {
            return Err("The run is being answered; cancel it first.".to_owned());
        }
        files.delete(id).await?;
        bench.borrow_mut().runs.runs.remove(&id);
        Ok(())
    });
    let deleted = deleted.await;
    tell(bench);
    wake(bench);
    deleted.map(|()| PageRunReply::Deleted)
}
