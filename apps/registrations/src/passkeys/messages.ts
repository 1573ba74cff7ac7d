// The texts of passkeys.

import { messages } from "../i18n/messages.ts";

export const passkeyMessages = messages({
  en: {
    "passkey.signIn": "Sign in with a passkey",
    "passkey.signUp": "Use a passkey instead of a password",
    "passkey.confirm": "Use a passkey",
    "passkey.title": "Passkeys",
    "passkey.lead":
      "They open your account with your fingerprint, your face or a PIN, and leave nothing to remember or to steal.",
    "passkey.none": "Your account has no passkey yet.",
    "passkey.add": "Add a passkey",
    "passkey.addedOn": "Added on",
    "passkey.lastUsed": "last used on",
    "passkey.neverUsed": "never used",
    "passkey.new": "Add a passkey",
    "passkey.newLead":
      "Your device keeps it, and asks for your fingerprint, your face or a PIN whenever you use it.",
    "passkey.unsupported": "Passkeys need JavaScript and a recent browser. This one has no way to make one.",
    "passkey.label": "Name of the passkey",
    "passkey.labelHint": "Something that tells you where it is kept.",
    "passkey.firstLabel": "First passkey",
    "passkey.create": "Continue",
    "passkey.added": "The passkey “{label}” was added.",
    "passkey.removeOne": "Remove",
    "passkey.removeTitle": "Remove this passkey?",
    "passkey.removeText":
      "“{label}” will no longer open your account. Your device may still offer it; delete it there as well.",
    "passkey.remove": "Remove the passkey",
    "passkey.removed": "The passkey “{label}” was removed.",
    "passkey.lastWayIn":
      "“{label}” is the only way into your account. Add another passkey or a password first.",
    "passkey.refused": "This passkey does not open an account here.",
    "passkey.notAdded": "This passkey could not be accepted. Please try again.",
    "passkey.cancelled": "No passkey was used. Try again when you are ready.",
    "passkey.known": "This device already has a passkey for your account.",
    "passkey.failed": "That did not work. Reload the page, then try again.",
  },
  fr: {
    "passkey.signIn": "Se connecter avec une clé d’accès",
    "passkey.signUp": "Utiliser une clé d’accès au lieu d’un mot de passe",
    "passkey.confirm": "Utiliser une clé d’accès",
    "passkey.title": "Clés d’accès",
    "passkey.lead":
      "Elles ouvrent votre compte avec votre empreinte, votre visage ou un code, sans rien à retenir ni à voler.",
    "passkey.none": "Votre compte n’a pas encore de clé d’accès.",
    "passkey.add": "Ajouter une clé d’accès",
    "passkey.addedOn": "Ajoutée le",
    "passkey.lastUsed": "dernière utilisation le",
    "passkey.neverUsed": "jamais utilisée",
    "passkey.new": "Ajouter une clé d’accès",
    "passkey.newLead":
      "Votre appareil la garde, et demande votre empreinte, votre visage ou un code à chaque utilisation.",
    "passkey.unsupported":
      "Les clés d’accès demandent JavaScript et un navigateur récent. Celui-ci ne peut pas en créer.",
    "passkey.label": "Nom de la clé d’accès",
    "passkey.labelHint": "De quoi reconnaître où elle est gardée.",
    "passkey.firstLabel": "Première clé d’accès",
    "passkey.create": "Continuer",
    "passkey.added": "La clé d’accès « {label} » a été ajoutée.",
    "passkey.removeOne": "Retirer",
    "passkey.removeTitle": "Retirer cette clé d’accès ?",
    "passkey.removeText":
      "« {label} » n’ouvrira plus votre compte. Votre appareil peut encore la proposer ; supprimez-la aussi là-bas.",
    "passkey.remove": "Retirer la clé d’accès",
    "passkey.removed": "La clé d’accès « {label} » a été retirée.",
    "passkey.lastWayIn":
      "« {label} » est le seul accès à votre compte. Ajoutez d’abord une autre clé d’accès ou un mot de passe.",
    "passkey.refused": "Cette clé d’accès n’ouvre aucun compte ici.",
    "passkey.notAdded": "Cette clé d’accès n’a pas pu être acceptée. Veuillez réessayer.",
    "passkey.cancelled": "Aucune clé d’accès n’a été utilisée. Réessayez quand vous serez prêt.",
    "passkey.known": "Cet appareil a déjà une clé d’accès pour votre compte.",
    "passkey.failed": "Cela n’a pas fonctionné. Rechargez la page, puis réessayez.",
  },
});
