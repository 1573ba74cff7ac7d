// The texts of what every form and every refusal has in common.

import { messages } from "../i18n/messages.ts";

export const webMessages = messages({
  en: {
    "form.problem": "Please check what you entered",
    "form.invalid": "This is not a valid value.",
    "form.tooLong": "This is too long.",
    "form.cancel": "Cancel",
    "access.unsent":
      "You are not signed in any more, so what you sent was not taken. Sign in to get back to the form, and send it again.",
    "error.400.title": "That request made no sense",
    "error.400.text": "Something in it was missing or damaged. Go back and try again.",
    "error.403.title": "This is not yours to do",
    "error.403.text":
      "Nothing was changed. If you followed a link from another site, start from our own pages.",
    "error.404.title": "There is nothing here",
    "error.404.text": "The address may be mistyped, or what was here is gone.",
    "error.405.title": "That does not work this way",
    "error.405.text":
      "This address exists, but not for what was tried. Go back and use the page’s own buttons.",
    "error.408.title": "That took too long",
    "error.408.text": "Your request did not arrive in time. Nothing of it was kept; please send it again.",
    "error.413.title": "That was too much",
    "error.413.text": "What was sent is larger than any of our forms. Nothing of it was kept.",
    "error.415.title": "We cannot read that",
    "error.415.text": "This address takes our own forms only.",
    "error.421.title": "Wrong address",
    "error.421.text":
      "This server does not answer to that name. Whoever runs it sets its address with ORIGIN.",
    "error.429.title": "Too many attempts",
    "error.429.text":
      "To protect people’s accounts we slow things down. Please wait a little, then try again.",
    "error.431.title": "Your browser sent too much along",
    "error.431.text":
      "The address or the cookies are too long. Delete the cookies of this site, then try again.",
    "error.500.title": "Something broke on our side",
    "error.500.text": "It was not you. The fault was written down; please try again later.",
    "error.503.title": "We will be right back",
    "error.503.text":
      "The service is briefly unavailable. Please try again in a moment, and check whether your last action took effect.",
    "error.reference": "If you ask for help, give this reference: {id}",
    "error.home": "Go to the start page",
  },
  fr: {
    "form.problem": "Veuillez vérifier votre saisie",
    "form.invalid": "Cette valeur n’est pas valable.",
    "form.tooLong": "C’est trop long.",
    "form.cancel": "Annuler",
    "access.unsent":
      "Vous n’êtes plus connecté : votre envoi n’a pas été pris en compte. Connectez-vous pour retrouver le formulaire, puis renvoyez-le.",
    "error.400.title": "Cette demande n’a pas de sens",
    "error.400.text": "Il y manquait quelque chose, ou elle était abîmée. Revenez en arrière et réessayez.",
    "error.403.title": "Cela ne vous appartient pas",
    "error.403.text":
      "Rien n’a été modifié. Si vous avez suivi un lien d’un autre site, partez de nos propres pages.",
    "error.404.title": "Il n’y a rien ici",
    "error.404.text": "L’adresse est peut-être mal tapée, ou ce qui était ici n’y est plus.",
    "error.405.title": "Cela ne fonctionne pas ainsi",
    "error.405.text":
      "Cette adresse existe, mais pas pour cela. Revenez en arrière et utilisez les boutons de la page.",
    "error.408.title": "C’était trop long",
    "error.408.text":
      "Votre demande n’est pas arrivée à temps. Rien n’en a été gardé ; veuillez la renvoyer.",
    "error.413.title": "C’était trop",
    "error.413.text": "L’envoi dépasse tous nos formulaires. Rien n’en a été gardé.",
    "error.415.title": "Nous ne savons pas lire cela",
    "error.415.text": "Cette adresse n’accepte que nos propres formulaires.",
    "error.421.title": "Mauvaise adresse",
    "error.421.text":
      "Ce serveur ne répond pas à ce nom. La personne qui l’administre règle son adresse avec ORIGIN.",
    "error.429.title": "Trop de tentatives",
    "error.429.text": "Pour protéger les comptes, nous ralentissons. Patientez un peu, puis réessayez.",
    "error.431.title": "Votre navigateur a trop envoyé",
    "error.431.text":
      "L’adresse ou les cookies sont trop longs. Supprimez les cookies de ce site, puis réessayez.",
    "error.500.title": "Une panne de notre côté",
    "error.500.text": "Vous n’y êtes pour rien. L’erreur a été notée ; réessayez plus tard.",
    "error.503.title": "Nous revenons tout de suite",
    "error.503.text":
      "Le service est momentanément indisponible. Réessayez dans un instant, et vérifiez si votre dernière action a pris effet.",
    "error.reference": "Si vous demandez de l’aide, donnez cette référence : {id}",
    "error.home": "Aller à l’accueil",
  },
});
