import type { InstallationStore, Installation as SlackInstallation } from "@slack/bolt";
import { z } from "zod";
import type { Installations } from "../../src/chat/installations.ts";
import { PLATFORM } from "./reception.ts";

/**
 * The SDK's installations in ours: under the workspace's id, or under the organisation's where it was installed for
 * all of it. A workspace of such an organisation is noted with a pointer to it once it is seen, since a message that
 * is owed to it names the workspace alone.
 */
export interface Installs {
  /** As the SDK keeps and asks for them. */
  store: InstallationStore;
  /** The organisation-wide installation that a workspace was seen under. */
  organisationOf(workspace: string): Promise<string | undefined>;
  noteOrganisation(workspace: string, enterpriseId: string): Promise<void>;
  forget(externalId: string): Promise<void>;
}

export function createInstalls(
  installations: Installations,
  onInstalled: (workspace: string) => void,
): Installs {
  async function read(externalId: string): Promise<SlackInstallation | undefined> {
    const kept = await installations.find(PLATFORM, externalId);
    const parsed = installed.safeParse(kept && JSON.parse(kept.secret));
    return parsed.success ? (parsed.data as unknown as SlackInstallation) : undefined;
  }

  return {
    store: {
      async storeInstallation(installation) {
        const owner = installation.isEnterpriseInstall ? installation.enterprise : installation.team;
        if (owner === undefined) throw new Error("an installation names no workspace");
        await installations.save(PLATFORM, owner.id, {
          workspaceName: owner.name ?? owner.id,
          installedBy: installation.user.id,
          secret: JSON.stringify(installation),
        });
        onInstalled(owner.id);
      },
      async fetchInstallation({ teamId, enterpriseId }) {
        const own = teamId === undefined ? undefined : await read(teamId);
        const found = own ?? (enterpriseId === undefined ? undefined : await read(enterpriseId));
        if (found === undefined) throw new Error("not installed");
        return found;
      },
      async deleteInstallation({ teamId, enterpriseId }) {
        const id = teamId ?? enterpriseId;
        if (id !== undefined) await installations.forget(PLATFORM, id);
      },
    },

    async organisationOf(workspace) {
      const kept = await installations.find(PLATFORM, workspace);
      const parsed = pointer.safeParse(kept && JSON.parse(kept.secret));
      return parsed.success ? parsed.data.organisation : undefined;
    },

    async noteOrganisation(workspace, enterpriseId) {
      const known = await installations.find(PLATFORM, workspace);
      if (known !== undefined) return;
      const organisation = await installations.find(PLATFORM, enterpriseId);
      if (organisation === undefined) return;
      const secret = JSON.stringify({ organisation: enterpriseId } satisfies z.infer<typeof pointer>);
      await installations.save(PLATFORM, workspace, { ...organisation, secret });
    },

    forget: (externalId) => installations.forget(PLATFORM, externalId),
  };
}

const pointer = z.object({ organisation: z.string() });
const installed = z.looseObject({ authVersion: z.literal("v2"), user: z.looseObject({ id: z.string() }) });
