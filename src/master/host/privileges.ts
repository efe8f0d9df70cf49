/**
 * Changes from root to another user, once the resources that only root may open
 * are open. The change is final: neither the process nor any that it forks can
 * become root again.
 */
import { execFileSync } from "node:child_process";
import os from "node:os";
import { StartError } from "../start-error.ts";

export interface Identity {
  readonly uid: number;
  readonly gid: number;
  /** Source of the supplementary groups; an id alone has none. */
  readonly userName: string | undefined;
}

/** A user or group, by name or id. */
type Account = string | number;

interface Accounts {
  readonly user?: Account | undefined;
  readonly group?: Account | undefined;
}

/** The functions that Node has on all systems but Windows. */
interface PosixProcess {
  getuid(): number;
  geteuid(): number;
  getgid(): number;
  getegid(): number;
  getgroups(): number[];
  initgroups(user: string, extraGroup: number): void;
  setgroups(groups: readonly number[]): void;
  setgid(id: number): void;
  setegid(id: number): void;
  setuid(id: number): void;
  seteuid(id: number): void;
}

const posix = process as unknown as PosixProcess;
const LOOKUP_TIMEOUT_MS = 10_000;

/**
 * The user and group to change to; undefined if the settings have none, or the
 * process already runs as them.
 *
 * @throws StartError if the user is unknown, or the process is not root
 */
export function identityFor(accounts: Accounts): Identity | undefined {
  const { user, group } = accounts;
  if (user === undefined && group === undefined) return undefined;
  const uid = user === undefined ? posix.geteuid() : uidOf(user);
  const gid = group === undefined ? groupOf(user as Account) : gidOf(group);
  if (!isRoot()) {
    // True in an incoming master whose outgoing master has already changed.
    if (uid === posix.geteuid() && gid === posix.getegid()) return undefined;
    const wanted = [user, group].filter((each) => each !== undefined).join(":");
    throw fail(
      `only root can become ${wanted}, and this is uid ${posix.geteuid()}: ` +
        "start it as root, or leave user and group out",
    );
  }
  return { uid, gid, userName: typeof user === "string" ? user : undefined };
}

/** @throws StartError if the change failed, or could be undone */
export function become(identity: Identity): void {
  const { uid, gid } = identity;
  try {
    // Groups first: only root can change them.
    takeGroups(identity);
    posix.setgid(gid);
    posix.setuid(uid);
  } catch (error) {
    throw fail(`cannot become uid ${uid}, gid ${gid}: ${String(error)}`);
  }
  verify(uid, gid);
  takeHome();
}

export function isRoot(): boolean {
  return posix.geteuid() === 0;
}

/**
 * Acts with the rights of another user, then restores those of root. Other
 * threads have the rights of that user during the call.
 *
 * @param act a synchronous function
 */
export function actAs<Result>(identity: Identity, act: () => Result): Result {
  const uid = posix.geteuid();
  const gid = posix.getegid();
  const groups = posix.getgroups();
  try {
    takeGroups(identity);
    posix.setegid(identity.gid);
    posix.seteuid(identity.uid);
    return act();
  } finally {
    posix.seteuid(uid);
    posix.setegid(gid);
    posix.setgroups(groups);
  }
}

/** All groups of the user. */
export function groupsOf(identity: Identity): number[] {
  return actAs(identity, () => [posix.getegid(), ...posix.getgroups()]);
}

function takeGroups({ userName, gid }: Identity): void {
  if (userName === undefined) posix.setgroups([gid]);
  else posix.initgroups(userName, gid);
}

function verify(uid: number, gid: number): void {
  const is = [posix.getuid(), posix.geteuid(), posix.getgid(), posix.getegid()];
  const isDone = is.join() === [uid, uid, gid, gid].join();
  const hasRootsGroup = gid !== 0 && posix.getgroups().includes(0);
  if (!isDone || hasRootsGroup || (uid !== 0 && canBeRootAgain())) {
    throw fail(`root was not given up: ids are ${is.join(", ")}`);
  }
}

function canBeRootAgain(): boolean {
  try {
    posix.setuid(0);
    return true;
  } catch {
    return false;
  }
}

/** Without this, programs would use the home and the name of root. */
function takeHome(): void {
  try {
    const { username, homedir } = os.userInfo();
    Object.assign(process.env, {
      USER: username,
      LOGNAME: username,
      HOME: homedir,
    });
  } catch {
    // An id without a name has no home; it must not use that of root.
    for (const name of ["USER", "LOGNAME", "HOME"]) delete process.env[name];
  }
}

function uidOf(user: Account): number {
  if (typeof user === "number") return user;
  return lookUp("user", user, ["id", "-u", user]);
}

/** The primary group of a user. */
function groupOf(user: Account): number {
  try {
    return lookUp("user", user, ["id", "-g", String(user)]);
  } catch (error) {
    if (typeof user === "string") throw error;
    throw fail(`user ${user} has no name and so no group: set group as well`);
  }
}

function gidOf(group: Account): number {
  if (typeof group === "number") return group;
  const getent = ["sh", "-c", 'getent group "$1" | cut -d: -f3', "sh", group];
  return lookUp("group", group, getent);
}

/** Node cannot look up accounts; these programs query any directory service. */
function lookUp(
  what: "user" | "group",
  name: Account,
  [program = "", ...args]: readonly string[],
): number {
  let answer = "";
  try {
    answer = execFileSync(program, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: LOOKUP_TIMEOUT_MS,
    }).trim();
  } catch {
    // Reported below.
  }
  if (!/^\d+$/.test(answer)) throw fail(`there is no ${what} "${name}"`);
  return Number(answer);
}

function fail(message: string): StartError {
  return new StartError({ message });
}
