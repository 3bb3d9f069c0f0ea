// A take, large, and the takes beside it: by keyboard alone, frame by frame, against another, down to its pixels.
import "./viewer.css";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { TakeAction, ViewerProps } from "../contract";
import { letters } from "../state/look";
import { isOpen, mainOf, titleOf } from "../state/tasks";
import { Button } from "../ui/Button";
import { Menu } from "../ui/Menu";
import { Toasts } from "../ui/Toasts";
import type { Artifact, Task } from "../wire";
import { panned, type Point, type Size } from "./geometry";
import { Info, seen } from "./Info";
import { VIEWER_KEYS } from "./keys";
import { Stage, type Shown } from "./Stage";
import { stepFrames, togglePlaying, Transport } from "./Transport";

const MIDDLE: Point = { x: 0.5, y: 0.5 };
const PAN_PX = 60;
const MOST_OTHERS = 100;

export function Viewer({ takes, index, onClose, onAction, onMove, types, onCorrect }: ViewerProps) {
  const [at, setAt] = useState(() => ({ index: clamp(index, takes), id: takes[clamp(index, takes)]?.task_id ?? "" }));
  const [loop, setLoop] = useState(true);
  const [muted, setMuted] = useState(true);
  const [zoomed, setZoomed] = useState(false);
  const [centre, setCentre] = useState(MIDDLE);
  const [wiping, setWiping] = useState(false);
  const [wipe, setWipe] = useState(0.5);
  const [otherId, setOtherId] = useState("");
  const [info, setInfo] = useState(() => innerWidth >= 900);
  const [help, setHelp] = useState(false);
  const [menu, setMenu] = useState<{ x: number; y: number } | null>(null);
  const [chosen, setChosen] = useState<Artifact | null>(null);
  const [said, setSaid] = useState("");
  const [video, setVideo] = useState<HTMLVideoElement | null>(null);
  const [other, setOther] = useState<HTMLVideoElement | null>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  const whole = useRef<HTMLDivElement>(null);
  const more = useRef<HTMLButtonElement>(null);
  const sizes = useRef<{ picture: Size; stage: Size; pixelRatio: number } | null>(null);
  const closing = useRef(onClose);
  closing.current = onClose;

  // the take that is shown stays shown when the list changes under it; when it is gone, what came to its place is
  const found = takes.findIndex((one) => one.task_id === at.id);
  const here = found >= 0 ? found : clamp(at.index, takes);
  const take = takes[here];

  useEffect(() => {
    const box = dialog.current;
    if (!box) return;
    const before = document.activeElement;
    box.showModal();
    whole.current?.focus();
    return () => {
      if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined);
      box.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  useEffect(() => {
    if (!take) closing.current();
    else if (take.task_id !== at.id || here !== at.index) setAt({ index: here, id: take.task_id });
  }, [take?.task_id, here]);
  useEffect(() => {
    onMove?.(here);
    setChosen(null);
    setZoomed(false);
    setCentre(MIDDLE);
  }, [take?.task_id]);
  useEffect(() => {
    if (video && !matchMedia("(prefers-reduced-motion: reduce)").matches) void video.play().catch(() => undefined);
  }, [video]);

  const artifact = take ? (chosen && take.result?.artifacts.some((one) => one.url === chosen.url) ? chosen : mainOf(take)) : undefined;
  const shown: Shown | null = take && artifact ? { take, artifact } : null;
  const others = useMemo(() => comparable(takes, here), [takes, here]);
  const against = others.find((one) => one.take.task_id === otherId) ?? others[0] ?? null;
  const b = wiping && shown && seen(shown.artifact) ? against : null;
  if (!take) return null;

  const go = (to: number) => {
    const next = takes[to];
    if (!next) return setSaid(to < 0 ? "This is the first." : "This is the last.");
    setAt({ index: to, id: next.task_id });
    setSaid(`${to + 1} of ${takes.length}: ${nameOf(next)}`);
    if (wiping) whole.current?.focus();
  };
  const kin = (id: string) => {
    const to = takes.findIndex((one) => one.task_id === id);
    const one = takes[to];
    return one ? { name: `${nameOf(one)}${one.shot ? `, ${one.quality}` : ""}`, go: () => go(to) } : null;
  };
  const act = (action: TakeAction) => onAction(action, take);
  const toggleWipe = () => {
    if (wiping) whole.current?.focus();
    else if (!against) return setSaid("There is no other take to wipe against.");
    setWiping(!wiping);
    setWipe(0.5);
    setSaid(wiping ? "Wipe off." : `Wipe against ${against ? nameOf(against.take) : ""}.`);
  };
  const nextOther = () => {
    if (!others.length) return setSaid("There is no other take to wipe against.");
    const next = others[(others.findIndex((one) => one === against) + 1) % others.length] as Shown;
    setOtherId(next.take.task_id);
    setWiping(true);
    setSaid(`Wipe against ${nameOf(next.take)}.`);
  };
  const toggleZoom = () => {
    setZoomed(!zoomed);
    setCentre(MIDDLE);
    setSaid(zoomed ? "The whole picture." : "Pixels as they are.");
  };
  const pan = (x: number, y: number) => {
    const known = sizes.current;
    if (known) setCentre(panned(centre, { x: x * PAN_PX, y: y * PAN_PX }, known.picture, known.stage, known.pixelRatio));
  };
  const toggleFull = () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void whole.current?.requestFullscreen?.().catch(() => setSaid("This browser has no full screen here."));
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (target.closest('[role="menu"]')) return;
    const typing = target.closest("select, textarea, input:not([type=range])");
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      if (help) setHelp(false);
      else if (!document.fullscreenElement) onClose();
      return;
    }
    event.stopPropagation(); // the page under it has keys of its own
    if (typing) return;
    const isButton = target.closest("button, a, summary") !== null;
    const isRange = target.closest('input[type="range"]') !== null;
    const keys: Record<string, () => void> = {
      ArrowRight: () => (zoomed ? pan(1, 0) : go(here + 1)),
      ArrowLeft: () => (zoomed ? pan(-1, 0) : go(here - 1)),
      ArrowDown: () => zoomed && pan(0, 1),
      ArrowUp: () => zoomed && pan(0, -1),
      Home: () => go(0),
      End: () => go(takes.length - 1),
      " ": () => video && togglePlaying(video),
      ",": () => video && artifact && stepFrames(video, artifact, -1),
      ".": () => video && artifact && stepFrames(video, artifact, 1),
      l: () => {
        setLoop(!loop);
        setSaid(loop ? "Loop off." : "Loop on.");
      },
      u: () => setMuted(!muted),
      w: toggleWipe,
      b: nextOther,
      z: toggleZoom,
      f: toggleFull,
      i: () => setInfo(!info),
      v: () => act("favourite"),
      c: () => act("circle"),
      a: () => act("again"),
      s: () => act("same-seed"),
      r: () => act("promote"),
      x: () => act("cancel"),
      m: () => act("camera"),
      d: () => act("download"),
      y: () => act("link"),
      Delete: () => act("delete"),
      Backspace: () => act("delete"),
      "?": () => setHelp(!help),
    };
    if (/^[a-z]$/i.test(event.key) && !letters.value) return; // somebody speaks to the browser, say
    const does = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!does || (event.key === " " && isButton) || (isRange && /^(Arrow|Home|End)/.test(event.key))) return;
    if ((event.key === "ArrowUp" || event.key === "ArrowDown") && !zoomed) return; // they scroll what was made of
    event.preventDefault();
    does();
  };

  const hasFilm = shown?.artifact.kind === "video";
  const done = !isOpen(take);
  return (
    <dialog
      ref={dialog}
      class="viewer"
      aria-label="Viewer"
      onKeyDown={onKeyDown}
      onCancel={(event) => {
        event.preventDefault();
        if (event.target === dialog.current) onClose();
      }}
    >
      <div ref={whole} class={`viewer-whole ${info ? "with-info" : ""}`} tabIndex={-1}>
        <header class="viewer-head">
          <div class="viewer-title">
            <h2>{take.shot ? `${take.shot} · take ${take.take}` : titleOf(take)}</h2>
            <p class="dim numbers">{here + 1} of {takes.length}{take.circled && " · circled"}{take.favourite && " · favourite"}{take.shot ? ` · ${titleOf(take)}` : ""}</p>
          </div>
          <div class="viewer-ways" role="toolbar" aria-label="This take">
            <Button kind="quiet" label="Previous take" disabled={here === 0} onClick={() => go(here - 1)}>←</Button>
            <Button kind="quiet" label="Next take" disabled={here === takes.length - 1} onClick={() => go(here + 1)}>→</Button>
            {done && <Button kind="quiet" label="Favourite" pressed={take.favourite} onClick={() => act("favourite")}>{take.favourite ? "★" : "☆"}</Button>}
            {done && take.shot && <Button kind="quiet" label="Circle" pressed={take.circled} onClick={() => act("circle")}>◎</Button>}
            {shown && seen(shown.artifact) && <Button kind="quiet" label="A|B wipe" pressed={wiping} onClick={toggleWipe}>A|B</Button>}
            {shown && seen(shown.artifact) && <Button kind="quiet" label="1:1 pixels" pressed={zoomed} onClick={toggleZoom}>1:1</Button>}
            <Button kind="quiet" label="What it was made of" pressed={info} onClick={() => setInfo(!info)}>i</Button>
            <Button kind="quiet" label="More" expanded={menu !== null} buttonRef={more} onClick={() => {
              const place = more.current?.getBoundingClientRect();
              setMenu(menu ? null : { x: (place?.right ?? 0) - 240, y: (place?.bottom ?? 0) + 4 });
            }}>⋯</Button>
            <Button kind="quiet" label="Close" onClick={onClose}>×</Button>
          </div>
        </header>
        <div class="viewer-body">
          <div class="viewer-main">
            {shown && seen(shown.artifact) ? (
              <Stage
                a={shown} b={b} nameOf={(one) => nameOf(one.take)} zoomed={zoomed} centre={centre} onCentre={setCentre} onZoom={toggleZoom}
                wipe={wipe} onWipe={setWipe} loop={loop} muted={muted} videoRef={setVideo} otherRef={setOther}
                stageRef={(told) => (sizes.current = told)}
              />
            ) : (
              <div class="viewer-stage nothing">
                {take.preview_url && isOpen(take) ? <img src={take.preview_url} alt={titleOf(take)} /> : null}
                <p>{standingOf(take)}</p>
                {shown && <a class="button" href={shown.artifact.url} download={shown.artifact.name}>{shown.artifact.name}</a>}
              </div>
            )}
            {wiping && shown && against && (
              <label class="against">Against <select value={against.take.task_id} onChange={(event) => setOtherId(event.currentTarget.value)}>
                {others.map((one) => <option key={one.take.task_id} value={one.take.task_id}>{nameOf(one.take)}</option>)}
              </select></label>
            )}
            {hasFilm && shown && <Transport video={video} other={b?.artifact.kind === "video" ? other : null} artifact={shown.artifact} loop={loop} muted={muted} onLoop={() => setLoop(!loop)} onMuted={() => setMuted(!muted)} />}
          </div>
          {info && <Info take={take} types={types} shown={artifact ?? null} onShow={setChosen} onCorrect={onCorrect} kin={kin} />}
        </div>
        {help && (
          <section class="viewer-keys" aria-label="Keys of the viewer">
            <h3>Keys</h3>
            <dl>{VIEWER_KEYS.map(({ keys, does }) => <div key={does}><dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt><dd>{does}</dd></div>)}</dl>
            <Button onClick={() => setHelp(false)}>Close</Button>
          </section>
        )}
        {menu && (
          <Menu
            label="With this take"
            at={menu}
            onClose={() => setMenu(null)}
            items={[
              { label: "Again, with changes", keys: "a", onChoose: () => act("again") },
              { label: "Same seed elsewhere", keys: "s", onChoose: () => act("same-seed") },
              ...(take.status === "succeeded" ? [
                { label: "Promote", keys: "r", onChoose: () => act("promote") },
                { label: "Move a camera over it", keys: "m", onChoose: () => act("camera") },
                { label: "Download", keys: "d", onChoose: () => act("download") },
              ] : []),
              { label: "Copy link", keys: "y", onChoose: () => act("link") },
              { label: "Full screen", keys: "f", onChoose: toggleFull },
              { label: "Keys", keys: "?", onChoose: () => setHelp(true) },
              done ? { label: "Delete", keys: "Del", danger: true, onChoose: () => act("delete") } : { label: "Cancel", danger: true, onChoose: () => act("cancel") },
            ]}
          />
        )}
        <span class="unseen" role="status">{said}</span>
        <Toasts />
      </div>
    </dialog>
  );
}

function clamp(index: number, takes: readonly Task[]): number {
  return Math.min(Math.max(index, 0), Math.max(takes.length - 1, 0));
}

function nameOf(take: Task): string {
  return take.shot ? `${take.shot} take ${take.take}` : `${titleOf(take).slice(0, 40)}, ${take.quality}`;
}

/** Takes that can be laid over this one: of the same kind, those of its shot first, then the nearest. */
function comparable(takes: readonly Task[], here: number): Shown[] {
  const take = takes[here];
  const main = take && mainOf(take);
  if (!take || !main) return [];
  const near = takes
    .map((one, index) => ({ one, artifact: mainOf(one), away: Math.abs(index - here), before: index < here }))
    .filter(({ one, artifact }) => one !== take && artifact?.kind === main.kind)
    .sort((x, y) => Number(y.one.shot === take.shot && take.shot !== null) - Number(x.one.shot === take.shot && take.shot !== null) || x.away - y.away || Number(x.before) - Number(y.before));
  return near.slice(0, MOST_OTHERS).map(({ one, artifact }) => ({ take: one, artifact: artifact as Artifact }));
}

function standingOf(take: Task): string {
  if (take.status === "failed") return take.error?.message ?? "It failed.";
  if (take.status === "cancelled") return "It was cancelled.";
  if (take.status === "running") return `${Math.round(take.progress * 100)} %, ${take.message ?? "working"}`;
  if (take.status === "succeeded") return "";
  return take.queue_position ? `It waits, place ${take.queue_position}.` : "It waits.";
}
