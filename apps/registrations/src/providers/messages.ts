// The texts of signing in with OpenID Connect providers.

import { messages } from "../i18n/messages.ts";

export const providerMessages = messages({
  en: {
    "provider.continue": "Continue with {provider}",
    "provider.leaving": "Taking you to {provider}…",
    "provider.leavingLead":
      "You prove there who you are, and come back by yourself. We never see that password.",
    "provider.go": "Go to {provider}",
    "provider.chooseName": "Choose a name",
    "provider.chooseNameLead":
      "{provider} has confirmed who you are. This is how you will be called here; you can change it now.",
    "provider.haveAccount":
      "You have an account here already? Sign in as usual, then link {provider} in your account.",
    "provider.title": "Sign in with others",
    "provider.lead": "Linked providers can sign you in without a password.",
    "provider.since": "Linked on {date}",
    "provider.used": "last used on {date}",
    "provider.link": "Link {provider}",
    "provider.linked": "{provider} is linked to your account.",
    "provider.unlink": "Unlink",
    "provider.unlinked": "{provider} is no longer linked to your account.",
    "provider.unlinkTitle": "Unlink {provider}?",
    "provider.unlinkConsequence":
      "{provider} will no longer sign you in. Your account and your registrations stay.",
    "provider.lastWayIn":
      "{provider} is your only way into this account. Choose a password or add a passkey first, then unlink it.",
    "provider.refused": "It did not work with {provider}",
    "provider.refused.unavailable":
      "{provider} cannot be reached at present. Try again later, or use another way.",
    "provider.refused.cancelled": "You stopped at {provider}. Nothing was changed.",
    "provider.refused.unverified":
      "What {provider} answered could not be accepted. Nothing was changed; please try again.",
    "provider.refused.notAnew":
      "{provider} did not say that you have just proved who you are. Nothing was changed. Try again, or use another way; if there is none, sign out here and sign in again.",
    "provider.refused.stale":
      "The way to {provider} and back took too long, was used already, or began in another window or browser. Nothing was changed; please start again.",
    "provider.refused.taken":
      "You are known at {provider} as somebody who has another account here. Nothing was changed. Unlink it there first, or use another identity.",
    "provider.refused.other":
      "Who answered at {provider} is not linked to your account. Use the identity that is, or another way.",
    "provider.back": "Try again",
  },
  fr: {
    "provider.continue": "Continuer avec {provider}",
    "provider.leaving": "Nous vous emmenons chez {provider}…",
    "provider.leavingLead":
      "Vous y prouvez qui vous êtes, puis vous revenez ici tout seul. Nous ne voyons jamais ce mot de passe.",
    "provider.go": "Aller chez {provider}",
    "provider.chooseName": "Choisissez un nom",
    "provider.chooseNameLead":
      "{provider} a confirmé qui vous êtes. Voici comment vous serez appelé ici ; vous pouvez encore changer ce nom.",
    "provider.haveAccount":
      "Vous avez déjà un compte ici ? Connectez-vous comme d’habitude, puis associez {provider} depuis votre compte.",
    "provider.title": "Connexion par d’autres services",
    "provider.lead": "Les services associés peuvent vous connecter sans mot de passe.",
    "provider.since": "Associé le {date}",
    "provider.used": "dernier usage le {date}",
    "provider.link": "Associer {provider}",
    "provider.linked": "{provider} est associé à votre compte.",
    "provider.unlink": "Dissocier",
    "provider.unlinked": "{provider} n’est plus associé à votre compte.",
    "provider.unlinkTitle": "Dissocier {provider} ?",
    "provider.unlinkConsequence":
      "{provider} ne pourra plus vous connecter. Votre compte et vos inscriptions restent.",
    "provider.lastWayIn":
      "{provider} est votre seul accès à ce compte. Choisissez d’abord un mot de passe ou ajoutez une clé d’accès, puis dissociez-le.",
    "provider.refused": "Cela n’a pas abouti avec {provider}",
    "provider.refused.unavailable":
      "{provider} est injoignable pour le moment. Réessayez plus tard, ou utilisez un autre moyen.",
    "provider.refused.cancelled": "Vous vous êtes arrêté chez {provider}. Rien n’a été modifié.",
    "provider.refused.unverified":
      "La réponse de {provider} n’a pas pu être acceptée. Rien n’a été modifié ; veuillez réessayer.",
    "provider.refused.notAnew":
      "{provider} n’a pas dit que vous venez de prouver qui vous êtes. Rien n’a été modifié. Réessayez, ou utilisez un autre moyen ; s’il n’y en a pas, déconnectez-vous ici puis reconnectez-vous.",
    "provider.refused.stale":
      "Le passage par {provider} a pris trop de temps, a déjà servi, ou a commencé dans une autre fenêtre ou un autre navigateur. Rien n’a été modifié ; veuillez recommencer.",
    "provider.refused.taken":
      "Votre identité chez {provider} appartient déjà à un autre compte ici. Rien n’a été modifié. Dissociez-la d’abord de cet autre compte, ou utilisez une autre identité.",
    "provider.refused.other":
      "L’identité qui a répondu chez {provider} n’est pas associée à votre compte. Utilisez celle qui l’est, ou un autre moyen.",
    "provider.back": "Réessayer",
  },
});
